// A listening unix socket: one that belongs to this process, bound with the right mode from the start, removed at the end; or one
// that another holds for us.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/listener.h"

namespace dso {

/// Move-only. The file is removed on destruction, if it is still the one that was made.
class UnixListener final : public Listener {
 public:
  /// A stale socket file (nobody accepts on it) is replaced. Errors (Io): somebody serves there, another kind of file lies there.
  static Result<UnixListener> bind(const std::string& path, unsigned mode);
  /// One that listens already. Its file is another's, and stays.
  static UnixListener adopt(UniqueFd listening);
  UnixListener(UnixListener&& o) noexcept;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener() override;
  int fd() const override { return fd_.get(); }

 private:
  UnixListener() = default;
  UniqueFd fd_;
  std::string path_;  // empty: moved from, or another's
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace dso
