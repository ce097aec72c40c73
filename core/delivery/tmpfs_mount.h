// Makes sure that a folder is a tmpfs before any value comes near it. Mounts; writes nothing.
#pragma once
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace dso::delivery {

/// Makes `path` (its parent must be there) a tmpfs of its own where we may mount: nosuid, nodev, noexec, 0700, bounded, noswap
/// where the kernel has it. Otherwise a folder that lies on a tmpfs already will do (a user's XDG_RUNTIME_DIR); never a disk.
Result<void> ensure_tmpfs(const std::string& path);

/// Opens `path` and checks again: a tmpfs that somebody unmounted leaves the disk's folder of that name behind.
Result<UniqueFd> open_tmpfs(const std::string& path);

/// Something is mounted at `path` itself.
bool is_mount_point(const std::string& path);
/// For the Error of a tmpfs that is gone, where it is not for us to mount one: what to do on the host.
std::string mount_cure(const std::string& path);

}  // namespace dso::delivery
