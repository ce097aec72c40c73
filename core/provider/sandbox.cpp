// System calls only; each step that fails fails the whole, since a provider must never run with more than planned.
#include "provider/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "base/file.h"
#include "base/unique_fd.h"
#include "provider/guest_limits.h"
#include "provider/landlock.h"
#include "provider/syscall_filter.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DSO_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define DSO_SHADOW_MEMORY 1
#endif
#endif
#ifndef DSO_SHADOW_MEMORY
#define DSO_SHADOW_MEMORY 0
#endif

namespace dso {
namespace {

constexpr rlim_t kMaxDescriptors = 64;
constexpr rlim_t kMaxAddressSpace = 1024UL * 1024 * 1024;

bool limit(__rlimit_resource what, rlim_t most) {
  rlimit r{};
  if (getrlimit(what, &r) != 0) return false;
  r.rlim_cur = r.rlim_max = std::min(most, r.rlim_max);
  return setrlimit(what, &r) == 0;
}

bool close_between(unsigned first, unsigned last) {
  if (first > last) return true;
  if (syscall(SYS_close_range, first, last, 0U) == 0) return true;
  if (errno != ENOSYS) return false;
  rlimit r{};
  if (getrlimit(RLIMIT_NOFILE, &r) != 0) return false;
  const unsigned end = static_cast<unsigned>(std::min<rlim_t>(r.rlim_max, 1U << 20));
  for (unsigned fd = first; fd <= last && fd < end; ++fd) close(static_cast<int>(fd));
  return true;
}

/// Its root is not the host's.
bool in_a_user_namespace() {
  const auto map = read_text_file("/proc/self/uid_map", 4096);
  return map.has_value() && map->find("4294967295") == std::string::npos;
}

/// What no program that it could ever become would get. Only who may take rights away from himself can; who may not has none of
/// them to give up, and with no new privileges none comes back.
bool drop_bounding_set() {
  for (int right = 0; right < 64; ++right) {
    const int there = prctl(PR_CAPBSET_READ, right, 0, 0, 0);
    if (there < 0) break;  // the kernel knows no more
    if (there == 1 && prctl(PR_CAPBSET_DROP, right, 0, 0, 0) != 0 && errno != EPERM) return false;
  }
  return true;
}

/// Also where it stays root, of a user namespace that has no other user.
bool drop_capabilities() {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capset, &head, none) == 0;
}

enum class User { refused, own, shared };

/// Of its own, and in a range that nobody gives to users or containers (systemd's UIDS-GIDS): another provider's process cannot
/// even signal this one, and what the kernel counts by user is counted for it alone.
User become_nobody() {
  if (geteuid() != 0) return User::shared;  // a user's own process has no more than the user
  const uid_t id = 0x70000000U + static_cast<uid_t>(getpid() & 0x3fffff);
  // A user namespace may have no such id. The host's root without the right to give himself up must not stay root.
  if (setgroups(0, nullptr) != 0 || setresgid(id, id, id) != 0)
    return (errno == EINVAL || errno == EPERM) && in_a_user_namespace() ? User::shared : User::refused;
  return setresuid(id, id, id) == 0 ? User::own : User::refused;
}

/// Behind all others that want a processor, whatever it does; its threads inherit that, and none of them gets it back. The
/// installed unit's filter lets nobody do that, and has a weight for agent and providers together.
void wait_behind_others() {
  const sched_param none{};
  if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) [[maybe_unused]]
    const int ignored = setpriority(PRIO_PROCESS, 0, 19);
}

/// Where memory runs out, it goes before the agent does. Raising the number is anybody's right; a kernel that is
/// built without it decides alone.
void die_first() {
  const UniqueFd file(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file) [[maybe_unused]]
    const ssize_t n = write(file.get(), "1000", 4);
}

/// Where third parties' libraries find theirs; nothing here is a secret.
std::vector<std::string> readable_paths(bool network) {
  std::vector<std::string> paths{"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/dev/null"};
  if (DSO_SHADOW_MEMORY) paths.insert(paths.end(), {"/proc/self", "/usr/bin"});  // the sanitizer's reports
  if (network)
    paths.insert(paths.end(), {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/ssl", "/etc/pki",
                               "/usr/share/ca-certificates", "/run/systemd/resolve"});
  return paths;
}

bool peer_is_gone(int socket_fd) {
  pollfd p{socket_fd, 0, 0};
  return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace

bool enter_sandbox(int so_fd, int socket_fd, bool network) {
  const unsigned low = static_cast<unsigned>(std::min(so_fd, socket_fd)),
                 high = static_cast<unsigned>(std::max(so_fd, socket_fd));
  if (!close_between(3, low - 1) || !close_between(low + 1, high - 1) || !close_between(high + 1, ~0U)) return false;
  // The library is opened from here: in a managed plugin only root may walk through "/".
  if (chdir("/proc/self/fd") != 0) return false;
  wait_behind_others();
  if (!drop_bounding_set()) return false;
  die_first();
  const User user = become_nobody();
  if (user == User::refused || !drop_capabilities()) return false;
  // The kernel counts a user's threads, not a process's: those of other people must not count. Elsewhere the agent looks
  // (guest_limits).
  if (user == User::own && !limit(RLIMIT_NPROC, kGuestThreads)) return false;
  // After the change of user, which takes both back.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return false;
  if (peer_is_gone(socket_fd)) return false;  // the agent died before the line above
  if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_NOFILE, kMaxDescriptors)) return false;
  if (!DSO_SHADOW_MEMORY && !limit(RLIMIT_AS, kMaxAddressSpace)) return false;
  if (clearenv() != 0) return false;
  if (landlock_abi() > 0 && !landlock_restrict(so_fd, readable_paths(network), network)) return false;
  return install_syscall_filter(network);
}

std::string sandbox_gap() {
  const int abi = landlock_abi();
  if (abi == 0)
    return "this kernel has no Landlock (5.13 and newer, lsm=…,landlock): a provider could read files that every user may read";
  return {};
}

}  // namespace dso
