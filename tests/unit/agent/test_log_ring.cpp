// What is kept of the log, what a slow reader misses, and that waiting ends.
#include "agent/log_ring.h"

#include <boost/test/unit_test.hpp>
#include <thread>

#include "base/log.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(log_ring)

namespace {

constexpr std::chrono::milliseconds kNone{0}, kLong{10000};

}  // namespace

BOOST_AUTO_TEST_CASE(keeps_the_last_lines_with_their_numbers) {
  LogRing ring(3);
  for (const char* text : {"a", "b", "c", "d"}) log::info("Agent", text);
  const auto held = ring.held();
  BOOST_REQUIRE_EQUAL(held.size(), 3u);
  BOOST_TEST(held[0].number == 1u);
  BOOST_TEST(held[0].text == "INFO: [Agent] b");
  BOOST_TEST(held[2].text == "INFO: [Agent] d");
  BOOST_TEST(ring.next() == 4u);
}

BOOST_AUTO_TEST_CASE(a_slow_reader_goes_on_with_the_oldest_that_is_left) {
  LogRing ring(2);
  for (const char* text : {"a", "b", "c", "d"}) log::info("Agent", text);
  const auto line = ring.wait(0, kNone, {});
  BOOST_REQUIRE(line.has_value());
  BOOST_TEST(line->number == 2u);
  BOOST_TEST(line->text == "INFO: [Agent] c");
}

BOOST_AUTO_TEST_CASE(waits_for_a_line_and_for_a_stop) {
  LogRing ring;
  BOOST_TEST(!ring.wait(0, kNone, {}).has_value());
  std::jthread writer([] { log::info("Agent", "late"); });
  const auto line = ring.wait(0, kLong, {});
  BOOST_REQUIRE(line.has_value());
  BOOST_TEST(line->text == "INFO: [Agent] late");
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  BOOST_TEST(!ring.wait(1, kLong, stop.get_token()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
