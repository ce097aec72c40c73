// What a provider tries in its child, and what comes of it: the sandbox as a library sees it, constructors included.
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

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
