// flock(2): shared by those who hold, tried exclusively by who removes. Whoever has locked a file that was removed meanwhile,
// where nobody would find him, takes the new one.
#include "delivery/scope_hold.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/file.h"
#include "delivery/scope_registry.h"

namespace dso {
namespace {

bool is_still_there(const UniqueFd& fd, const std::string& path) {
  struct stat held {
  }, there{};
  return fstat(fd.get(), &held) == 0 && stat(path.c_str(), &there) == 0 && held.st_ino == there.st_ino &&
         held.st_dev == there.st_dev;
}

/// An empty descriptor: with LOCK_NB, another process has it.
Result<UniqueFd> locked(const TmpfsStore& store, const std::string& scope_id, int how) {
  DSO_CHECK(delivery::check_scope_id(scope_id));
  const std::string path = hold_path(store.paths(), scope_id);
  while (true) {
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return io_error("Cannot open the lock '" + path + "'", errno);
    int done = 0;
    while ((done = flock(fd.get(), how)) != 0 && errno == EINTR) {
    }
    if (done != 0 && errno == EWOULDBLOCK) return UniqueFd();
    if (done != 0) return io_error("Cannot lock '" + path + "'", errno);
    if (is_still_there(fd, path)) return fd;
  }
}

}  // namespace

std::string hold_path(const RunPaths& paths, const std::string& scope_id) {
  return paths.run_dir + "/locks/" + scope_id + ".held";
}

Result<UniqueFd> hold_scope(const TmpfsStore& store, const std::string& scope_id) {
  return locked(store, scope_id, LOCK_SH);
}

Result<std::optional<UniqueFd>> claim_unheld(const TmpfsStore& store, const std::string& scope_id) {
  DSO_TRY(UniqueFd fd, locked(store, scope_id, LOCK_EX | LOCK_NB));
  if (!fd) return std::optional<UniqueFd>();
  return std::optional<UniqueFd>(std::move(fd));
}

}  // namespace dso
