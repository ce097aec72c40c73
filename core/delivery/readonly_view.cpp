// open_tree, mount_setattr, move_mount: read-only before anybody can see it, in every namespace that it spreads to.
#include "delivery/readonly_view.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/file.h"
#include "base/unique_fd.h"
#include "delivery/folder_io.h"

namespace dso::delivery {
namespace {

// The system's headers may be older than the kernel (5.12).
constexpr long kOpenTree = 428, kMoveMount = 429, kMountSetattr = 442;
constexpr unsigned kTreeClone = 1, kFromEmptyPath = 4;
constexpr std::uint64_t kReadOnly = 1, kNoSuid = 2, kNoDev = 4, kNoExec = 8;
struct MountAttributes {
  std::uint64_t set, clear, propagation, user_namespace;
};

std::string views(const std::string& secrets_dir) {
  return secrets_dir + "/.volumes";
}

bool same_folder(const std::string& a, const std::string& b) {
  struct stat first {
  }, second{};
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

/// 0 or errno.
int mount_view(const std::string& folder, const std::string& path) {
  UniqueFd tree(static_cast<int>(syscall(kOpenTree, AT_FDCWD, folder.c_str(), kTreeClone | O_CLOEXEC)));
  MountAttributes attributes{kReadOnly | kNoSuid | kNoDev | kNoExec, 0, 0, 0};
  if (tree && syscall(kMountSetattr, tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0 &&
      syscall(kMoveMount, tree.get(), "", AT_FDCWD, path.c_str(), kFromEmptyPath) == 0)
    return 0;
  if (errno != ENOSYS) return errno;
  constexpr unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (mount(folder.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) return errno;
  if (mount(nullptr, path.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY | flags, nullptr) == 0) return 0;
  const int failed = errno;
  umount2(path.c_str(), MNT_DETACH);
  return failed;
}

/// True if what is mounted below `path` reaches the host: it is our own namespace, or it is shared with it.
bool reaches_the_host(const std::string& path) {
  const std::string first = link_target(AT_FDCWD, "/proc/1/ns/mnt");  // not to be seen everywhere: then it counts as ours
  if (first.empty() || first == link_target(AT_FDCWD, "/proc/self/ns/mnt")) return true;
  auto info = read_text_file("/proc/self/mountinfo", 4 << 20);
  if (info.has_error()) return false;
  bool shared = false;
  std::size_t longest = 0;
  for (std::string_view rest = *info; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    // "36 35 98:0 /root /mount/point options shared:1 - type …"
    std::size_t at = 0;
    for (int i = 0; i < 4 && at != std::string_view::npos; ++i) at = line.find(' ', at + (i > 0));
    if (at == std::string_view::npos) continue;
    const std::string_view point = line.substr(at + 1, line.find(' ', at + 1) - at - 1);
    const bool covers = point == "/" || path == point || (path.starts_with(point) && path[point.size()] == '/');
    if (!covers || point.size() < longest) continue;
    longest = point.size();
    shared = line.substr(0, line.find(" - ")).find(" shared:") != std::string_view::npos;
  }
  return shared;
}

/// The whole tmpfs once more, read-only, mounted by the host beside it (scripts/systemd/run-dso-readonly.mount). "" if it is not
/// there, is writable, or shows an earlier tmpfs.
std::string hosts_view(const std::string& secrets_dir) {
  const std::string path = secrets_dir.substr(0, secrets_dir.rfind('/')) + "/readonly";
  struct statvfs fs {};
  return same_folder(path, secrets_dir) && statvfs(path.c_str(), &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0 ? path : "";
}

}  // namespace

std::string view_path(const std::string& secrets_dir, const std::string& scope_id, const std::string& folder) {
  if (const std::string whole = hosts_view(secrets_dir); !whole.empty() && folder.starts_with(secrets_dir + "/"))
    return whole + folder.substr(secrets_dir.size());
  return geteuid() == 0 && reaches_the_host(secrets_dir) ? views(secrets_dir) + "/" + scope_id : folder;
}

Result<void> make_view(const std::string& secrets_dir, const std::string& scope_id, const std::string& folder) {
  const std::string path = view_path(secrets_dir, scope_id, folder);
  if (same_folder(path, folder)) return {};
  remove_view(secrets_dir, scope_id);  // of a folder that is gone
  DSO_CHECK(make_folders(path, 0700));
  if (const int failed = mount_view(folder, path); failed != 0)
    return io_error("Cannot mount the files of a volume at '" + path + "'", failed, "Give the agent CAP_SYS_ADMIN.");
  return {};
}

void remove_view(const std::string& secrets_dir, const std::string& scope_id) {
  const std::string path = views(secrets_dir) + "/" + scope_id;
  while (umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
  }
  rmdir(path.c_str());
}

}  // namespace dso::delivery
