// Notices that the tmpfs of secrets was unmounted, or covered by another mount, under containers that run; has it mounted again
// where this process may, and everything on it that was there. Holds its folder open: what was on it is not lost before that is
// done, and a plain umount(8) is refused ("target is busy").
#pragma once
#include <sys/types.h>

#include <atomic>
#include <mutex>
#include <stop_token>

#include "agent/boot.h"
#include "base/unique_fd.h"

namespace dso {

/// Any thread.
class MountWatch {
 public:
  /// `store` was opened just now. References must outlive this object.
  MountWatch(TmpfsStore& store, Boot& boot);

  /// Two system calls while all is well. Else it is said once, and tried again with each call.
  void look(std::stop_token stop);
  /// True once after something could not be filled again: the caller is to go on with that (Boot::refill).
  bool left_something() { return incomplete_.exchange(false); }

 private:
  bool is_there() const;
  void hold(UniqueFd folder);
  Result<UniqueFd> mounted_anew();
  void fill(const std::stop_token& stop);

  TmpfsStore& store_;
  Boot& boot_;
  const std::string path_;
  std::mutex mutex_;
  UniqueFd folder_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool own_mount_ = false, lost_ = false;
  std::atomic<bool> incomplete_ = false;
};

}  // namespace dso
