// Where the kernel locks no more: each case is a process of its own, since a limit cannot be raised again.
#include <linux/capability.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/locked_memory.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/secret_bytes.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(locked_memory_limited)

namespace {

constexpr std::size_t kLimit = 512 * 1024;

/// Started by passes_in_a_process_of_its_own, for this alone.
bool is_a_process_of_its_own() {
  return std::getenv("DSO_TEST_LIMITED") != nullptr;
}

/// Of this process, for good; without the right that makes limits void.
void limit_locked_memory(std::size_t bytes) {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  BOOST_TEST_REQUIRE(syscall(SYS_capset, &head, none) == 0);
  const rlimit limit{bytes, bytes};
  BOOST_TEST_REQUIRE(setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
}

struct Lines {
  std::vector<std::string> lines;
  int id = log::follow([this](const std::string& line) { lines.push_back(line); });
  ~Lines() { log::unfollow(id); }
  std::size_t with(const std::string& text) const {
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [&](const std::string& l) { return l.find(text) != std::string::npos; }));
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_not_locked_is_said_and_counted) {
  if (!is_a_process_of_its_own()) return;
  limit_locked_memory(kLimit);
  Lines log;
  BOOST_TEST(unlocked_secret_memory() == 0u);
  std::vector<SecretBuffer> held;
  for (int i = 0; i < 8; ++i) held.emplace_back(kLimit, 'x');
  const std::size_t unlocked = unlocked_secret_memory();
  BOOST_TEST(unlocked >= 7 * kLimit);
  BOOST_TEST((metrics::samples()[{metrics::Metric::secret_memory_unlocked, ""}] == static_cast<double>(unlocked)));
  BOOST_TEST(log.with("512 KiB of secret memory could not be locked") >= 7u);
  BOOST_TEST(log.with("512 KiB may be locked") == log.lines.size());
  BOOST_TEST(!require_locked_secret_memory());
  held.clear();
  BOOST_TEST(unlocked_secret_memory() < unlocked);
}

BOOST_AUTO_TEST_CASE(what_must_be_locked_is_refused) {
  if (!is_a_process_of_its_own()) return;
  limit_locked_memory(kLimit);
  Lines log;
  BOOST_TEST(require_locked_secret_memory());
  BOOST_TEST(locked_secret_memory_is_required());
  const SecretBuffer small(100, 'x');
  for (int i = 0; i < 3; ++i) BOOST_CHECK_THROW(SecretBuffer(2 * kLimit, 'x'), SecretMemoryRefused);
  BOOST_TEST(view(small) == std::string(100, 'x'));
  const SecretBuffer another(1000, 'x');
  BOOST_TEST(unlocked_secret_memory() == 0u);
  BOOST_TEST(log.with("A request was refused") == 1u);  // once a minute
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(locked_memory)

namespace {

void passes_in_a_process_of_its_own(const std::string& name) {
  // (a mistake in the selection would have each process start the next one)
  BOOST_TEST_REQUIRE(!std::getenv("DSO_TEST_LIMITED"));
  setenv("DSO_TEST_LIMITED", "1", 1);
  std::string program = "/proc/self/exe", what = "--run_test=locked_memory_limited/" + name;
  char* const argv[] = {program.data(), what.data(), nullptr};
  pid_t pid = 0;
  int status = 0;
  BOOST_TEST_REQUIRE(posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, environ) == 0);
  BOOST_TEST_REQUIRE(waitpid(pid, &status, 0) == pid);
  unsetenv("DSO_TEST_LIMITED");
  BOOST_TEST(status == 0, name);
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_not_locked_is_said_and_counted) {
  passes_in_a_process_of_its_own("what_is_not_locked_is_said_and_counted");
}
BOOST_AUTO_TEST_CASE(what_must_be_locked_is_refused) {
  passes_in_a_process_of_its_own("what_must_be_locked_is_refused");
}

BOOST_AUTO_TEST_SUITE_END()
