// A pid is believed to be the container's only where its cgroup says so; the folder here is a fake /proc.
#include "docker/process_start.h"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/digest.h"

using namespace dso;

namespace {

struct FakeProc {
  const std::string path = "/tmp/dso-unit-proc-" + random_hex(8);
  FakeProc() { std::filesystem::create_directories(path + "/42"); }
  ~FakeProc() { std::filesystem::remove_all(path); }
  void write(const std::string& file, const std::string& text) const { std::ofstream(path + "/42/" + file) << text; }
  std::int64_t started(std::int64_t pid, const std::string& id) const { return process_started_boot_ms(pid, id, path); }
};

const std::string kStat = "42 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1899348 0\n";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(process_start, FakeProc)

BOOST_AUTO_TEST_CASE(ticks_become_milliseconds) {
  write("stat", kStat);
  write("cgroup", "0::/system.slice/docker-6bbc93e6.scope\n");
  BOOST_TEST(started(42, "6bbc93e6") == 1899348 * 1000 / sysconf(_SC_CLK_TCK));
}

BOOST_AUTO_TEST_CASE(a_process_that_is_not_the_containers_is_unknown) {
  write("stat", kStat);
  write("cgroup", "0::/user.slice\n");
  BOOST_TEST(started(42, "6bbc93e6") == 0);  // the engine's pid 42 is another one than ours
  write("cgroup", "0::/docker/6bbc93e6\n");
  BOOST_TEST(started(42, "") == 0);
  BOOST_TEST(started(0, "6bbc93e6") == 0);
  BOOST_TEST(started(-1, "6bbc93e6") == 0);
  BOOST_TEST(started(43, "6bbc93e6") == 0);
  write("stat", "42 (a) Z");
  BOOST_TEST(started(42, "6bbc93e6") == 0);
}

BOOST_AUTO_TEST_CASE(the_kernel_dates_processes_by_the_clock_that_we_take) {
  // This very process, by whatever its own cgroup is called: the part of the clock and the ticks is real.
  const std::int64_t started = process_started_boot_ms(getpid(), "/");
  BOOST_TEST(started > 0);
  BOOST_TEST(started <= boot_ms());
  BOOST_TEST(started > boot_ms() - 600'000);
}

BOOST_AUTO_TEST_SUITE_END()
