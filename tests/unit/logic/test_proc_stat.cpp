// The start time in /proc/<pid>/stat, whatever the process calls itself.
#include "logic/proc_stat.h"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace dso;

BOOST_AUTO_TEST_SUITE(proc_stat)

namespace {
const std::string kAfter =
    " S 25964 25987 25987 0 -1 4194560 963 0 1 0 1 1 0 0 20 0 1 0 1899348 2322432 328 18446744073709551615 0 0 0 0 0 0\n";
}

BOOST_AUTO_TEST_CASE(field_22_whatever_the_name) {
  for (const char* name : {"(sleep)", "(a b c)", "(x) S 1 2 3)", "())", "(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)"})
    BOOST_TEST(parse_start_ticks("25987 " + std::string(name) + kAfter).value_or(-1) == 1899348);
  BOOST_TEST(parse_start_ticks("1 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 42").value_or(-1) == 42);
}

BOOST_AUTO_TEST_CASE(anything_else_is_unknown) {
  for (const char* text : {"", "1", "1 (a)", "1 (a) S", "1 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0", ")",
                           "1 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 x", "1 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 -4",
                           "1 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99999999999999999999"})
    BOOST_TEST(!parse_start_ticks(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
