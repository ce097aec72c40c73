// What is told once, what once a minute, and what only counted.
#include "logic/read_trace.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(read_trace)

using namespace std::chrono_literals;
namespace {
const ReadTrace::Time kStart = ReadTrace::Time{} + 1h;
}

BOOST_AUTO_TEST_CASE(the_first_read_of_a_container_a_secret_and_a_version) {
  ReadTrace trace;
  const auto told = [&](const char* who, const char* secret, const char* version) {
    return !trace.read(who, secret, version).empty();
  };
  BOOST_TEST(trace.read("the container 'web' (3f2a)", "default/db", "3") ==
             "The secret 'default/db', version 3, is read by the container 'web' (3f2a)");
  BOOST_TEST(trace.read("the container 'web' (3f2a)", "default/api", "") ==
             "The secret 'default/api' is read by the container 'web' (3f2a)");
  for (const char* who : {"a", "b"})
    for (const char* secret : {"x", "y"})
      for (const char* version : {"", "1", "2"}) {
        BOOST_TEST(told(who, secret, version));
        BOOST_TEST(!told(who, secret, version));
      }
  BOOST_TEST(!told("a", "x", "1"));  // an earlier version again, after a rollback: told already
}

BOOST_AUTO_TEST_CASE(reads_are_remembered_up_to_a_bound) {
  ReadTrace trace;
  for (int i = 0; i < 5000; ++i) BOOST_TEST(!trace.read("a", "x", std::to_string(i)).empty());
  BOOST_TEST(trace.read("a", "x", "4999").empty());
  BOOST_TEST(!trace.read("a", "x", "0").empty());
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_once_a_minute_with_how_many_there_were) {
  ReadTrace trace;
  BOOST_TEST(trace.refused("a", "is refused: no", kStart) == "A read by a is refused: no");
  for (int i = 0; i < 1000; ++i) BOOST_TEST(trace.refused("a", "is refused: no", kStart + 59s).empty());
  BOOST_TEST(trace.refused("b", "is refused: no", kStart + 59s) == "A read by b is refused: no");
  BOOST_TEST(trace.refused("a", "failed: away", kStart + 59s) == "A read by a failed: away");
  BOOST_TEST(trace.refused("a", "is refused: no", kStart + 60s) ==
             "A read by a is refused: no (and 1000 more of these since that was last said)");
  BOOST_TEST(trace.refused("a", "is refused: no", kStart + 120s) == "A read by a is refused: no");
}

BOOST_AUTO_TEST_CASE(of_all_refusals_so_many_are_told_a_minute) {
  ReadTrace trace;
  std::size_t lines = 0;
  for (int i = 0; i < 1000; ++i) lines += !trace.refused("uid " + std::to_string(i), "is refused: no", kStart).empty();
  BOOST_TEST(lines == ReadTrace::kRefusalsAMinute + 1);  // the last one says that there are more
  BOOST_TEST(trace.refused("a", "is refused: no", kStart + 1min) == "970 refusals were not logged. A read by a is refused: no");
  for (int minute = 2; minute < 200; ++minute)  // and it goes on like that
    for (int i = 0; i < 40; ++i) (void)trace.refused(std::to_string(i), "is refused: no", kStart + std::chrono::minutes(minute));
  BOOST_TEST(trace.refused("b", "is refused: no", kStart + 300min) == "10 refusals were not logged. A read by b is refused: no");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
