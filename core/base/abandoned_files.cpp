// A lock that can be had is a dead writer's: the kernel lets go of it however the process ended.
#include "base/abandoned_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>

#include <cstring>
#include <memory>

#include "base/unique_fd.h"

namespace dso {

void remove_abandoned(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  while (const dirent* entry = dir ? readdir(dir.get()) : nullptr) {
    if (std::strstr(entry->d_name, kTemporary) == nullptr) continue;
    const UniqueFd fd(openat(dirfd(dir.get()), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (fd && flock(fd.get(), LOCK_EX | LOCK_NB) == 0) unlinkat(dirfd(dir.get()), entry->d_name, 0);
  }
}

}  // namespace dso
