// The list, and the program made of it. The calls that only some arguments make harmless are looked into: clone (threads alone),
// prctl (names alone), prlimit64 (reading alone).
#include "provider/syscall_filter.h"

#include <linux/audit.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace dso {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArch = AUDIT_ARCH_AARCH64;
#else
#error "the provider sandbox knows x86-64 and arm64"
#endif

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW, kRefuse = SECCOMP_RET_ERRNO | EPERM, kAbsent = SECCOMP_RET_ERRNO | ENOSYS;
constexpr long kMemfdSecret = 447;                  // the same everywhere
constexpr std::uint32_t kNameMapping = 0x53564d41;  // PR_SET_VMA

// openat is for the loader: Landlock decides what it opens.
constexpr long kAllowed[] = {SYS_read,
                             SYS_write,
                             SYS_readv,
                             SYS_writev,
                             SYS_pread64,
                             SYS_pwrite64,
                             SYS_lseek,
                             SYS_close,
                             SYS_fstat,
                             SYS_newfstatat,
                             SYS_openat,
                             SYS_fcntl,
                             SYS_dup,
                             SYS_dup3,
                             SYS_ftruncate,
                             SYS_getdents64,
                             SYS_recvfrom,
                             SYS_recvmsg,
                             SYS_sendto,
                             SYS_sendmsg,
                             SYS_shutdown,
                             SYS_getsockopt,
                             SYS_ppoll,
                             SYS_epoll_create1,
                             SYS_epoll_ctl,
                             SYS_epoll_pwait,
                             SYS_eventfd2,
                             SYS_pipe2,
                             SYS_timerfd_create,
                             SYS_timerfd_settime,
                             SYS_mmap,
                             SYS_mprotect,
                             SYS_munmap,
                             SYS_mremap,
                             SYS_madvise,
                             SYS_brk,
                             SYS_mlock,
                             SYS_munlock,
                             SYS_msync,
                             SYS_mincore,
                             SYS_futex,
                             SYS_set_robust_list,
                             SYS_set_tid_address,
                             SYS_rseq,
                             SYS_membarrier,
                             SYS_sched_yield,
                             SYS_sched_getaffinity,
                             SYS_getcpu,
                             SYS_clock_gettime,
                             SYS_clock_getres,
                             SYS_clock_nanosleep,
                             SYS_nanosleep,
                             SYS_gettimeofday,
                             SYS_getrandom,
                             SYS_rt_sigaction,
                             SYS_rt_sigprocmask,
                             SYS_rt_sigreturn,
                             SYS_rt_sigsuspend,
                             SYS_sigaltstack,
                             SYS_tgkill,
                             SYS_exit,
                             SYS_exit_group,
                             SYS_restart_syscall,
                             SYS_getpid,
                             SYS_gettid,
                             SYS_getppid,
                             SYS_getuid,
                             SYS_geteuid,
                             SYS_getgid,
                             SYS_getegid,
                             SYS_uname,
                             SYS_sysinfo,
                             SYS_getrusage,
                             kMemfdSecret,
#if defined(__x86_64__)
                             SYS_poll,
                             SYS_pause,
                             SYS_arch_prctl,
                             SYS_open,
                             SYS_stat,
                             SYS_lstat,
                             SYS_epoll_wait,
                             SYS_time,
                             SYS_readlink,
                             SYS_access,
#endif
                             SYS_readlinkat,
                             SYS_faccessat};

constexpr long kNetwork[] = {SYS_socket,     SYS_connect,    SYS_bind,     SYS_getsockname, SYS_getpeername,
                             SYS_setsockopt, SYS_socketpair, SYS_sendmmsg, SYS_recvmmsg,    SYS_listen,
                             SYS_accept4,    SYS_ioctl,      SYS_statx};

class FilterProgram {
 public:
  std::vector<sock_filter> code;

  void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  void ret(std::uint32_t what) { add(BPF_RET | BPF_K, what); }
  /// Goes on behind the next instruction unless equal.
  void if_equal(std::uint32_t value) { add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1); }
  void unless_equal(std::uint32_t value) { add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0); }
  void skip_unless_equal(std::uint32_t value, std::uint8_t count) { add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count); }
  void if_any_bit(std::uint32_t bits) { add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1); }
  void if_at_least(std::uint32_t value) { add(BPF_JMP | BPF_JGE | BPF_K, value, 0, 1); }

 private:
  void add(int op, std::uint32_t k, std::uint8_t yes = 0, std::uint8_t no = 0) {
    code.push_back({static_cast<std::uint16_t>(op), yes, no, k});
  }
};

constexpr std::size_t argument(int n, bool high = false) {
  return offsetof(seccomp_data, args) + static_cast<std::size_t>(n) * 8 + (high ? 4 : 0);  // both are little-endian
}

void allow_call(FilterProgram& p, long number) {
  p.if_equal(static_cast<std::uint32_t>(number));
  p.ret(kAllow);
}

}  // namespace

std::vector<sock_filter> syscall_filter(bool network) {
  FilterProgram p;
  p.load(offsetof(seccomp_data, arch));
  p.unless_equal(kArch);
  p.ret(SECCOMP_RET_KILL_PROCESS);
  p.load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
  p.if_at_least(0x40000000);  // x32: other numbers for the same calls
  p.ret(SECCOMP_RET_KILL_PROCESS);
#endif
  for (const long number : kAllowed) allow_call(p, number);
  if (network)
    for (const long number : kNetwork) allow_call(p, number);
  // Not refused but absent: glibc then takes clone, whose flags can be looked into.
  p.if_equal(SYS_clone3);
  p.ret(kAbsent);

  p.skip_unless_equal(SYS_clone, 4);
  p.load(argument(0));
  p.if_any_bit(CLONE_THREAD);
  p.ret(kAllow);
  p.ret(kRefuse);

  p.skip_unless_equal(SYS_prctl, 6);
  p.load(argument(0));
  p.if_equal(PR_SET_NAME);
  p.ret(kAllow);
  p.if_equal(kNameMapping);
  p.ret(kAllow);
  p.ret(kRefuse);

  p.skip_unless_equal(SYS_prlimit64, 6);
  p.load(argument(2));
  p.unless_equal(0);
  p.ret(kRefuse);
  p.load(argument(2, true));
  p.if_equal(0);
  p.ret(kAllow);

  p.ret(kRefuse);
  return p.code;
}

bool install_syscall_filter(bool network) {
  std::vector<sock_filter> code = syscall_filter(network);
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

}  // namespace dso
