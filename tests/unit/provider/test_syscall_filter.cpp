// The seccomp program of this architecture, read as the kernel would read it. (test_sandbox.cpp tries it for real, which an
// emulated process cannot: qemu knows no seccomp. So this is what arm64's numbers are tested by.)
#include <linux/audit.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstring>

#include "provider/syscall_filter.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(syscall_filter_program)

namespace {

#if defined(__aarch64__)
constexpr std::uint32_t kOurs = AUDIT_ARCH_AARCH64, kOther = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kOurs = AUDIT_ARCH_X86_64, kOther = AUDIT_ARCH_AARCH64;
#endif

/// The few instructions that our programs are made of; anything else fails the test.
std::uint32_t verdict(const std::vector<sock_filter>& code, const seccomp_data& call) {
  std::uint32_t a = 0;
  for (std::size_t at = 0; at < code.size(); ++at) {
    const sock_filter& i = code[at];
    switch (i.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        BOOST_REQUIRE(i.k % 4 == 0 && i.k + sizeof a <= sizeof call);
        std::memcpy(&a, reinterpret_cast<const char*>(&call) + i.k, sizeof a);
        break;
      case BPF_JMP | BPF_JEQ | BPF_K: at += a == i.k ? i.jt : i.jf; break;
      case BPF_JMP | BPF_JGE | BPF_K: at += a >= i.k ? i.jt : i.jf; break;
      case BPF_JMP | BPF_JSET | BPF_K: at += (a & i.k) != 0 ? i.jt : i.jf; break;
      case BPF_RET | BPF_K: return i.k;
      default: BOOST_FAIL("unknown instruction " << i.code);
    }
  }
  BOOST_FAIL("the program has no end");
  return 0;
}

constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;

struct Filter {
  std::vector<sock_filter> code;
  explicit Filter(bool network = false) : code(syscall_filter(network)) {}
  std::uint32_t operator()(long number, std::uint64_t a0 = 0, std::uint64_t a1 = 0, std::uint64_t a2 = 0) const {
    seccomp_data call{};
    call.nr = static_cast<int>(number);
    call.arch = kOurs;
    call.args[0] = a0, call.args[1] = a1, call.args[2] = a2;
    return verdict(code, call);
  }
};

BOOST_AUTO_TEST_CASE(another_architecture_s_calls_kill) {
  seccomp_data call{};
  call.nr = SYS_read;
  call.arch = kOther;
  BOOST_TEST(verdict(syscall_filter(false), call) == SECCOMP_RET_KILL_PROCESS);
}

BOOST_AUTO_TEST_CASE(what_a_library_lives_on_is_allowed) {
  const Filter filter;
  for (const long number : {SYS_read, SYS_write, SYS_mmap, SYS_munmap, SYS_futex, SYS_openat, SYS_recvmsg, SYS_sendmsg,
                            SYS_getrandom, SYS_clock_gettime, SYS_exit_group, SYS_rt_sigreturn, SYS_mlock})
    BOOST_TEST(filter(number) == SECCOMP_RET_ALLOW, number);
}

BOOST_AUTO_TEST_CASE(what_reaches_out_is_refused) {
  const Filter filter;
  for (const long number :
       {SYS_socket, SYS_connect, SYS_bind, SYS_execve, SYS_execveat, SYS_ptrace, SYS_kill, SYS_unlinkat, SYS_mount, SYS_setuid,
        SYS_bpf, SYS_io_uring_setup, SYS_process_vm_readv, SYS_pidfd_getfd, SYS_unshare, SYS_mkdirat, SYS_renameat2})
    BOOST_TEST(filter(number) == kRefused, number);
}

BOOST_AUTO_TEST_CASE(the_network_is_for_those_that_were_given_it) {
  const Filter with(true);
  for (const long number : {SYS_socket, SYS_connect, SYS_setsockopt}) BOOST_TEST(with(number) == SECCOMP_RET_ALLOW, number);
  for (const long number : {SYS_execve, SYS_ptrace, SYS_kill}) BOOST_TEST(with(number) == kRefused, number);
}

BOOST_AUTO_TEST_CASE(threads_are_allowed_and_processes_are_not) {
  const Filter filter;
  BOOST_TEST(filter(SYS_clone, CLONE_VM | CLONE_FS | CLONE_THREAD) == SECCOMP_RET_ALLOW);
  BOOST_TEST(filter(SYS_clone, SIGCHLD) == kRefused);
  BOOST_TEST(filter(SYS_clone3) == (SECCOMP_RET_ERRNO | ENOSYS));
#if defined(SYS_fork)
  BOOST_TEST(filter(SYS_fork) == kRefused);
#endif
}

BOOST_AUTO_TEST_CASE(some_calls_are_allowed_by_their_arguments) {
  const Filter filter;
  BOOST_TEST(filter(SYS_prctl, PR_SET_NAME) == SECCOMP_RET_ALLOW);
  BOOST_TEST(filter(SYS_prctl, PR_SET_DUMPABLE, 1) == kRefused);
  BOOST_TEST(filter(SYS_prlimit64, 0, RLIMIT_STACK, 0) == SECCOMP_RET_ALLOW);
  BOOST_TEST(filter(SYS_prlimit64, 0, RLIMIT_STACK, 0x1000) == kRefused);
  BOOST_TEST(filter(SYS_prlimit64, 0, RLIMIT_STACK, std::uint64_t{1} << 32) == kRefused);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dso
