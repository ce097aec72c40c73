// Durations, both directions.
#include <boost/test/unit_test.hpp>

#include "logic/duration.h"

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(duration)

BOOST_AUTO_TEST_CASE(readable_ones) {
  const std::pair<const char*, std::chrono::milliseconds> good[] = {{"2m", 2min},     {"1s", 1s},     {"500ms", 500ms},
                                                                    {"1h30m", 90min}, {"0s", 0ms},    {"1h2m3s4ms", 3723004ms},
                                                                    {"1000h", 1000h}, {"90m", 90min}, {"007s", 7s}};
  for (const auto& [text, value] : good) {
    const auto read = dso::parse_duration(text);
    BOOST_REQUIRE_MESSAGE(read.has_value(), text);
    BOOST_TEST(read->count() == value.count(), text);
  }
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused) {
  for (const char* bad : {"",
                          " ",
                          "m",
                          "2",
                          "-1s",
                          "+1s",
                          "1.5s",
                          "2 m",
                          "2m ",
                          "2M",
                          "1d",
                          "1us",
                          "30m1h",
                          "1m1m",
                          "1ms1s",
                          "s1",
                          "1h-1m",
                          "1s\n",
                          "0x1s",
                          "1001h",
                          "99999999999999999999999999h",
                          "999h3600m",
                          "18446744073709551617ms",
                          "ten seconds"}) {
    const auto read = dso::parse_duration(bad);
    BOOST_TEST(read.has_error(), bad);
    if (read.has_error()) BOOST_TEST((!read.error().cause.empty() && !read.error().next.empty()), bad);
  }
}

BOOST_AUTO_TEST_CASE(a_bare_number_is_shown_with_a_unit) {
  const auto read = dso::parse_duration("120");
  BOOST_REQUIRE(read.has_error());
  BOOST_TEST(read.error().cause == "'120' has no unit");
  BOOST_TEST(read.error().next == "Write '120s' for seconds, or use h, m, ms.");
}

BOOST_AUTO_TEST_CASE(written_as_read) {
  for (const char* text : {"0s", "1ms", "2m", "1h30m", "1m30s500ms", "1000h"})
    BOOST_TEST(dso::format_duration(*dso::parse_duration(text)) == text);
  BOOST_TEST(dso::format_duration(90s) == "1m30s");
  BOOST_TEST(dso::format_duration(-5s) == "0s");
}

BOOST_AUTO_TEST_SUITE_END()
