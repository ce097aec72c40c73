// When a store is asked again: jitter around the interval, sooner after a passing fault, far later after a refusal, hints kept.
#include <boost/test/unit_test.hpp>

#include "logic/backoff.h"
#include "logic/poll_schedule.h"

using namespace dso;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(poll_schedule)

BOOST_AUTO_TEST_CASE(a_good_poll_waits_the_interval_within_ten_percent) {
  for (double r : {0.0, 0.25, 0.5, 0.999}) {
    const PollNext n = next_poll({}, std::nullopt, std::nullopt, 120s, r);
    BOOST_TEST(n.wait.count() >= 108000);
    BOOST_TEST(n.wait.count() <= 132000);
    BOOST_TEST(!n.went_down);
    BOOST_TEST(!n.came_back);
  }
}

BOOST_AUTO_TEST_CASE(a_store_that_is_down_is_said_once_and_asked_more_rarely_up_to_the_interval) {
  PollState s;
  auto last = 0ms;
  for (int i = 0; i < 20; ++i) {
    const PollNext n = next_poll(s, ErrorClass::unavailable, std::nullopt, 120s, 0.999);
    BOOST_TEST(n.went_down == (i == 0));
    BOOST_TEST(n.wait >= std::min<std::chrono::milliseconds>(last, 60s));
    BOOST_TEST(n.wait.count() >= 500);
    BOOST_TEST(n.wait <= 120s);
    last = n.wait;
    s = n.state;
  }
  const PollNext back = next_poll(s, std::nullopt, std::nullopt, 120s, 0.5);
  BOOST_TEST(back.came_back);
  BOOST_TEST(back.state.failures == 0);
}

BOOST_AUTO_TEST_CASE(a_refusal_backs_off_beyond_the_interval_up_to_an_hour) {
  PollState s;
  for (int i = 0; i < 12; ++i) {
    const PollNext n = next_poll(s, ErrorClass::access_denied, std::nullopt, 120s, 0.5);
    BOOST_TEST(n.wait >= 240s);
    BOOST_TEST(n.wait <= 1h + 12s);
    s = n.state;
  }
  BOOST_TEST(next_poll(s, ErrorClass::access_denied, std::nullopt, 120s, 0.5).wait == 1h);
}

BOOST_AUTO_TEST_CASE(another_class_of_error_is_said_again) {
  const PollNext first = next_poll({}, ErrorClass::unavailable, std::nullopt, 10s, 0.5);
  BOOST_TEST(next_poll(first.state, ErrorClass::access_denied, std::nullopt, 10s, 0.5).went_down);
}

BOOST_AUTO_TEST_CASE(a_hint_of_the_store_is_honoured) {
  BOOST_TEST(next_poll({}, ErrorClass::throttled, 90s, 10s, 0.5).wait == 90s);
}

BOOST_AUTO_TEST_CASE(a_lease_shortens_the_wait_to_six_tenths_of_what_is_left) {
  BOOST_TEST(wait_for_lease(600s, std::nullopt) == 600s);
  BOOST_TEST(wait_for_lease(600s, 60s) == 36s);
  BOOST_TEST(wait_for_lease(10s, 60s) == 10s);
  BOOST_TEST(wait_for_lease(600s, 100ms) == 1s);  // never a hot loop
  BOOST_TEST(wait_for_lease(600s, 0ms) == 600s);  // over: nothing is saved by hurry
  BOOST_TEST(wait_for_lease(500ms, 100ms) == 500ms);
}

BOOST_AUTO_TEST_CASE(listening_again_waits_from_a_second_to_an_hour) {
  BOOST_TEST(listen_pause(0, 0.0) == 1s);
  BOOST_TEST(listen_pause(0, 1.0) == 2s);
  BOOST_TEST(listen_pause(3, 0.0) == 8s);
  BOOST_TEST(listen_pause(1000, 0.0) == 30min);
  BOOST_TEST(listen_pause(1000, 1.0) == 1h);
}

BOOST_AUTO_TEST_CASE(backoff_never_overflows) {
  BOOST_TEST(backoff_exponential(1000, 1s, 1h) == 1h);
  BOOST_TEST(backoff_exponential(0, 1s, 1h) == 1s);
  BOOST_TEST(backoff_full_jitter(3, 1s, 20s, 0.0) == 0ms);
  BOOST_TEST(backoff_full_jitter(3, 1s, 20s, 1.0) == 8s);
}

BOOST_AUTO_TEST_SUITE_END()
