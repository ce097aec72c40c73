// What a provider tries in its child, and what comes of it: the sandbox as a library sees it, constructors included.
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/file.h"
#include "provider/guest_limits.h"
#include "provider/landlock.h"
#include "provider/sandbox.h"
#include "provider/syscall_filter.h"
#include "source_fixture.h"

using namespace dso;
using namespace dso::test;

BOOST_AUTO_TEST_SUITE(provider_sandbox)

BOOST_AUTO_TEST_CASE(nothing_but_computing_is_left) {
  SourceFixture f("prisoner");
  auto source = f.make();
  const auto v = fetch_one(*source, "x");
  BOOST_TEST(field(v, "constructor") == "read=refused socket=refused");
  for (const char* tried : {"shadow", "home", "write", "tcp", "engine", "netlink", "fork", "exec", "ptrace", "kill", "namespace",
                            "mount", "memory-limit", "bpf", "io_uring", "root", "agent-memory"})
    BOOST_TEST(field(v, tried) == "refused", tried << ": " << field(v, tried));
  if (landlock_abi() > 0) BOOST_TEST(field(v, "passwd") == "refused");
  BOOST_TEST(field(v, "thread") == "done");
}

BOOST_AUTO_TEST_CASE(as_root_it_has_a_user_of_its_own) {
  if (geteuid() != 0) return;
  SourceFixture f("prisoner");
  const auto one = f.make(), other = f.make();
  const std::string a = field(fetch_one(*one, "x"), "uid"), b = field(fetch_one(*other, "x"), "uid");
  BOOST_TEST(std::stoul(a) >= 0x70000000U);
  BOOST_TEST(a != b);
}

BOOST_AUTO_TEST_CASE(what_it_may_become_is_nothing) {
  SourceFixture f("prisoner");
  auto source = f.make();
  const std::string pid = field(fetch_one(*source, "pid"), "pid");
  const auto status = read_text_file("/proc/" + pid + "/status", 64 * 1024).value();
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    BOOST_TEST(status.find(std::string(set) + ":\t0000000000000000\n") != std::string::npos, set << " in " << status);
  BOOST_TEST(status.find("NoNewPrivs:\t1\n") != std::string::npos);
  BOOST_TEST(sched_getscheduler(std::stoi(pid)) == SCHED_IDLE);
  BOOST_TEST(read_text_file("/proc/" + pid + "/oom_score_adj", 64).value() == "1000\n");
}

BOOST_AUTO_TEST_CASE(threads_are_bounded) {
  if (geteuid() != 0) return;
  SourceFixture f("prisoner");
  auto source = f.make();
  const int more = std::stoi(field(fetch_one(*source, "threads"), "threads"));
  BOOST_TEST(more < kGuestThreads);
  BOOST_TEST(more >= kGuestThreads - 2);  // (ThreadSanitizer has one of its own)
}

BOOST_AUTO_TEST_CASE(the_threads_of_one_are_not_counted_for_another) {
  SourceFixture f("prisoner");
  std::vector<std::unique_ptr<SupervisedSource>> sources;
  for (int i = 0; i < 4; ++i) {
    sources.push_back(f.make());
    BOOST_TEST(field(fetch_one(*sources.back(), "twenty threads"), "threads") == "20");
  }
}

BOOST_AUTO_TEST_CASE(what_computes_between_calls_is_replaced) {
  SourceFixture f("prisoner");
  LogCapture log;
  auto source = f.make();
  const std::string first = field(fetch_one(*source, "computes"), "pid");
  const pid_t pid = std::stoi(first);
  clockid_t clock{};
  timespec used{};
  const auto end = Deadline::in(std::chrono::seconds(30));
  BOOST_TEST_REQUIRE(clock_getcpuclockid(pid, &clock) == 0);
  while (!end.passed() && clock_gettime(clock, &used) == 0 && used.tv_sec < 3) sched_yield();
  BOOST_TEST(field(fetch_one(*source, "quiet"), "pid") != first);
  const std::string second = field(fetch_one(*source, "quiet"), "pid");
  BOOST_TEST(field(fetch_one(*source, "quiet"), "pid") == second);
  const auto lines = log.lines();
  BOOST_TEST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(lines[0].find("was stopped: it computed for") != std::string::npos, lines[0]);
}

BOOST_AUTO_TEST_CASE(when_a_guest_is_not_at_rest) {
  using std::chrono::milliseconds;
  const auto stopped = [](int cpu, int wall, int threads) {
    return why_not_idle({milliseconds(cpu), milliseconds(wall), threads}).has_value();
  };
  BOOST_TEST(!stopped(0, 0, 1));
  BOOST_TEST(!stopped(500, 0, kGuestThreads));
  BOOST_TEST(stopped(501, 0, 1));
  BOOST_TEST(!stopped(1100, 60'000, 1));
  BOOST_TEST(stopped(1101, 60'000, 1));
  BOOST_TEST(stopped(0, 0, kGuestThreads + 1));
  BOOST_TEST(*why_not_idle({milliseconds(3000), milliseconds(3100), 2}) ==
             "it computed for 3000 ms within 3100 ms in which nobody asked it anything");
}

BOOST_AUTO_TEST_CASE(sandbox_network_gives_sockets_and_nothing_else) {
  SourceFixture f("freed");
  f.instance.sandbox = "network";
  auto source = f.make();
  const auto v = fetch_one(*source, "x");
  BOOST_TEST(field(v, "tcp") == "done");
  for (const char* tried : {"shadow", "write", "fork", "exec", "ptrace", "kill", "namespace", "root"})
    BOOST_TEST(field(v, tried) == "refused", tried << ": " << field(v, tried));
  // (with sockets allowed it is the engine's own that refuses, where there is one)
  BOOST_TEST(field(v, "engine") == (std::filesystem::exists("/var/run/docker.sock") ? "refused" : "No such file or directory"));
}

BOOST_AUTO_TEST_CASE(what_the_filter_says_of_a_call) {
  // the program's own words: a jump goes nowhere behind its end, and its last word is a refusal
  for (const bool network : {false, true}) {
    const auto code = syscall_filter(network);
    BOOST_TEST_REQUIRE(code.size() < 4096u);
    for (std::size_t i = 0; i < code.size(); ++i)
      if (BPF_CLASS(code[i].code) == BPF_JMP) BOOST_TEST(i + 1 + std::max(code[i].jt, code[i].jf) < code.size());
    BOOST_TEST(code.back().code == (BPF_RET | BPF_K));
    BOOST_TEST((code.back().k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO);
  }
  BOOST_TEST(sandbox_gap().empty() == (landlock_abi() > 0));
}

BOOST_AUTO_TEST_SUITE_END()
