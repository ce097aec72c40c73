// Crash points count, tell and kill, in the process that read the environment and nowhere else. Each case is a process of its
// own, since the environment is read once.
#include "base/crash_point.h"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#include "temp_folder.h"

using namespace dso;
using namespace dso::test;

#ifdef DSO_CRASH_POINTS
namespace {

/// How `body` ended, run in a child: its wait status.
int status_of(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = -1;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

void pass(std::initializer_list<const char*> names) {
  for (const char* name : names) crash_point(name);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(crash_points, TempFolder)

BOOST_AUTO_TEST_CASE(the_trace_numbers_every_point) {
  const int status = status_of([&] {
    setenv("DSO_CRASH_TRACE", file("trace").c_str(), 1);
    pass({"one", "two", "one"});
  });
  BOOST_TEST(status == 0);
  BOOST_TEST(slurp(file("trace")) == "1 one\n2 two\n3 one\n");
}

BOOST_AUTO_TEST_CASE(the_process_dies_at_the_point_asked_for_and_its_trace_ends_there) {
  const int status = status_of([&] {
    setenv("DSO_CRASH_TRACE", file("trace").c_str(), 1);
    setenv("DSO_CRASH_AT", "2", 1);
    pass({"one", "two", "three"});
  });
  BOOST_REQUIRE(WIFSIGNALED(status));
  BOOST_TEST(WTERMSIG(status) == SIGKILL);
  BOOST_TEST(slurp(file("trace")) == "1 one\n2 two\n");
}

BOOST_AUTO_TEST_CASE(without_a_trace_it_dies_all_the_same) {
  const int status = status_of([] {
    setenv("DSO_CRASH_AT", "1", 1);
    pass({"one"});
  });
  BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

BOOST_AUTO_TEST_CASE(nothing_asked_for_or_fewer_points_than_that_is_no_end) {
  BOOST_TEST(status_of([] { pass({"one", "two"}); }) == 0);
  BOOST_TEST(status_of([] {
               setenv("DSO_CRASH_AT", "3", 1);
               pass({"one", "two"});
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_forked_child_counts_nothing) {
  const int status = status_of([&] {
    setenv("DSO_CRASH_TRACE", file("trace").c_str(), 1);
    setenv("DSO_CRASH_AT", "2", 1);
    pass({"one"});
    if (const pid_t child = fork(); child == 0) {
      pass({"child", "child"});
      _exit(0);
    } else {
      int ended = -1;
      waitpid(child, &ended, 0);
      _exit(ended == 0 ? 7 : 8);
    }
  });
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 7));
  BOOST_TEST(slurp(file("trace")) == "1 one\n");
}

BOOST_AUTO_TEST_CASE(threads_share_one_count) {
  const int status = status_of([&] {
    setenv("DSO_CRASH_TRACE", file("trace").c_str(), 1);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([] {
        for (int n = 0; n < 25; ++n) crash_point("x");
      });
    for (auto& t : threads) t.join();
  });
  BOOST_TEST(status == 0);
  std::string wanted;
  for (int n = 1; n <= 100; ++n) wanted += std::to_string(n) + " x\n";
  BOOST_TEST(slurp(file("trace")) == wanted);
}

BOOST_AUTO_TEST_SUITE_END()
#endif
