// mount(2), statfs(2), and the reasons why not.
#include "delivery/tmpfs_mount.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/log.h"
#include "delivery/folder_io.h"
#include "logic/mountinfo_text.h"

namespace dso::delivery {
namespace {

constexpr const char* kName = "dso-secrets";  ///< As its units, and whoever follows the docs, call it too.
constexpr const char* kOptions = "mode=0700,size=64m";

Error not_tmpfs(const std::string& path, std::string cause, std::string next) {
  return Error{ErrorClass::io, "Cannot keep secrets in '" + path + "'", std::move(cause), std::move(next), {}, {}, {}, {}};
}

bool is_tmpfs(int fd) {
  struct statfs fs {};
  return fstatfs(fd, &fs) == 0 && static_cast<unsigned long>(fs.f_type) == TMPFS_MAGIC;
}

bool is_covered_by_others(const std::string& path) {
  const auto mounts = read_text_file("/proc/self/mountinfo", 4 << 20);
  return mounts.has_value() && is_covered(*mounts, path, kName);
}

/// In a mount namespace of its own (a hardened unit), what we mount the engine would never see.
bool has_own_namespace() {
  const std::string own = link_target(AT_FDCWD, "/proc/self/ns/mnt"), first = link_target(AT_FDCWD, "/proc/1/ns/mnt");
  return !own.empty() && !first.empty() && own != first;
}

/// 0 or errno. Swap is a disk too: noswap is tried first (Linux 6.4).
int mount_tmpfs(const std::string& path) {
  constexpr unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (mount(kName, path.c_str(), "tmpfs", flags, (std::string(kOptions) + ",noswap").c_str()) == 0) {
    log::info("Delivery", "Mounted a tmpfs for secrets at " + path + " (never swapped)");
    return 0;
  }
  if (errno != EINVAL) return errno;
  if (mount(kName, path.c_str(), "tmpfs", flags, kOptions) != 0) return errno;
  log::warn("Delivery", "Mounted a tmpfs for secrets at " + path +
                            "; this kernel cannot keep it out of swap (noswap is in Linux 6.4), so encrypt or disable swap");
  return 0;
}

}  // namespace

bool is_mount_point(const std::string& path) {
  struct stat own {
  }, above{};
  return stat(path.c_str(), &own) == 0 && stat((path + "/..").c_str(), &above) == 0 && own.st_dev != above.st_dev;
}

std::string mount_cure(const std::string& path) {
  if (is_mount_point(path)) return "Take away what is mounted there: umount " + path;
  const std::string by_hand = "mount -t tmpfs -o nosuid,nodev,noexec,mode=0700,size=64m dso-secrets " + path;
  if (path != "/run/dso/secrets") return "Mount it on the host: " + by_hand;
  // (scripts/systemd; the second shows volumes the tmpfs of before until then)
  return "Mount it on the host: systemctl start run-dso-secrets.mount; systemctl restart run-dso-readonly.mount (without these "
         "units: " +
         by_hand + ")";
}

Result<UniqueFd> open_tmpfs(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return io_error("Cannot open '" + path + "'", errno);
  if (!is_tmpfs(fd.get()))
    return not_tmpfs(path, "it is not on a tmpfs (any more), and secrets are never written to a disk",
                     "A running agent mounts one, or says in its log what to do (dso logs); else start it.");
  return fd;
}

Result<void> ensure_tmpfs(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return io_error("Cannot make the folder '" + path + "'", errno);
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return io_error("Cannot open '" + path + "'", errno);
  // What somebody mounted over ours is not for values, a tmpfs of his or not.
  const bool covered = is_covered_by_others(path), on_tmpfs = is_tmpfs(fd.get()) && !covered;
  // Scopes that lie there already stay in sight: nothing is mounted over them.
  if (on_tmpfs && (is_mount_point(path) || !entries(fd.get()).empty())) return {};
  if (geteuid() != 0) {
    if (on_tmpfs) return {};
    return not_tmpfs(path, "it is not on a tmpfs of DSO's, and only root can mount one",
                     "Run as root, or set DSO_RUN_DIR to a folder below $XDG_RUNTIME_DIR.");
  }
  if (has_own_namespace()) {
    if (on_tmpfs) return {};
    return not_tmpfs(path,
                     "it is not on a tmpfs of DSO's, and this process has a mount namespace of its own: the engine would not see "
                     "one mounted here",
                     mount_cure(path));
  }
  // Else ours would turn up in the folder, too, that somebody bound there.
  if (covered) (void)mount(nullptr, path.c_str(), nullptr, MS_PRIVATE, nullptr);
  const int failed = mount_tmpfs(path);
  if (failed == 0) return {};
  if (on_tmpfs) {
    log::warn("Delivery",
              "Cannot mount a tmpfs of its own at " + path + "; using the one it lies on, whose pages may be swapped");
    return {};
  }
  Error e = io_error("Cannot mount a tmpfs at '" + path + "'", failed, "Give the agent CAP_SYS_ADMIN, or mount it beforehand.");
  return e;
}

}  // namespace dso::delivery
