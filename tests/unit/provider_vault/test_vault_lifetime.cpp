// When a token or a lease is renewed, replaced or over: the rule of two thirds, over many lengths of life.
#include "vault_lifetime.h"

#include <boost/test/unit_test.hpp>

using vault::begun;
using vault::Due;
using vault::due;
using vault::Lifetime;

namespace {
constexpr std::int64_t kNow = 1'700'000'000'000;
}
BOOST_TEST_DONT_PRINT_LOG_VALUE(vault::Due)

BOOST_AUTO_TEST_SUITE(vault_lifetime)

BOOST_AUTO_TEST_CASE(two_thirds_and_a_third_of_the_grace) {
  for (const std::int64_t seconds : {1, 3, 60, 3600, 32 * 86400}) {
    const Lifetime life = begun(kNow, seconds, true);
    const std::int64_t at = kNow + (2 * seconds * 1000 + seconds * 100) / 3;
    BOOST_TEST(due(life, at - 1, 0) == Due::nothing);
    BOOST_TEST(due(life, at, 0) == Due::renew);
    BOOST_TEST(due(life, kNow + seconds * 900, 0) == Due::replace);  // within the grace: no time for another try
    BOOST_TEST(due(life, kNow + seconds * 1000 - 1, 0) == Due::replace);
    BOOST_TEST(due(life, kNow + seconds * 1000, 0) == Due::over);
    BOOST_TEST(due(begun(kNow, seconds, false), at, 0) == Due::replace);
  }
}

BOOST_AUTO_TEST_CASE(what_never_ends_needs_nothing) {
  BOOST_TEST(due(begun(kNow, 0, true), kNow + 1'000'000'000'000, 600'000) == Due::nothing);
  BOOST_TEST(begun(kNow, -5, true).end_ms() == INT64_MAX);
  BOOST_TEST(begun(kNow, INT64_MAX, true).end_ms() > kNow);  // no overflow
}

BOOST_AUTO_TEST_CASE(not_later_than_the_last_question_before_the_end) {
  const Lifetime life = begun(kNow, 180, true);  // a poll each two minutes would find it at 2/3 or dead
  BOOST_TEST(due(life, kNow + 50'000, 0) == Due::nothing);
  BOOST_TEST(due(life, kNow + 50'000, 120'000) == Due::renew);
  BOOST_TEST(due(life, kNow + 41'000, 120'000) == Due::nothing);
}

BOOST_AUTO_TEST_CASE(a_renewal_that_gives_little_calls_for_a_replacement_while_it_holds) {
  const Lifetime life = begun(kNow, 3600, true);
  BOOST_TEST(due(vault::renewed(life, kNow + 2'500'000, 1799, true), kNow + 2'500'000, 0) == Due::replace);
  BOOST_TEST(due(vault::renewed(life, kNow + 2'500'000, 1800, true), kNow + 2'500'000, 0) == Due::nothing);
  BOOST_TEST(vault::renewed(life, kNow, 7200, true).full_ms == 7'200'000);
}

BOOST_AUTO_TEST_CASE(failures_wait_twice_as_long_each_time_and_inside_the_life) {
  Lifetime life = begun(kNow, 86'400, true);
  std::int64_t now = life.end_ms() * 0 + kNow + 70'000'000, before = 0;
  for (const std::int64_t wait : {10'000, 20'000, 40'000, 80'000, 160'000, 300'000, 300'000}) {
    life = vault::failed(life, now);
    BOOST_TEST(life.retry_at_ms - now == wait);
    BOOST_TEST(due(life, now, 0) == Due::nothing);
    before = now;
    now = life.retry_at_ms;
    BOOST_TEST((due(life, now, 0) == Due::renew));
  }
  BOOST_TEST(before < now);
  for (int n = 0; n < 100; ++n) life = vault::failed(life, life.end_ms() - 4000);
  BOOST_TEST(life.retry_at_ms == life.end_ms() - 2000);
  BOOST_TEST(vault::renewed(life, now, 86'400, true).failures == 0);
}

BOOST_AUTO_TEST_CASE(a_lease_ends_with_its_token) {
  const Lifetime life = begun(kNow, 3600, true);
  const Lifetime cut = vault::capped(life, kNow + 600'000);
  BOOST_TEST(cut.end_ms() == kNow + 600'000);
  BOOST_TEST(due(cut, kNow + 300'000, 0) == Due::nothing);
  BOOST_TEST(due(cut, kNow + 450'000, 0) == Due::replace);  // renewing it would help nobody
  BOOST_TEST(due(vault::capped(life, kNow - 1), kNow + 1, 0) == Due::over);
  BOOST_TEST(vault::capped(life, INT64_MAX).end_ms() == life.end_ms());
  BOOST_TEST(vault::capped(begun(kNow, 0, true), kNow + 5000).end_ms() == kNow + 5000);
}

BOOST_AUTO_TEST_CASE(the_pace_of_questions_is_the_longest_pause) {
  vault::Pace pace;
  pace.look(kNow);
  BOOST_TEST(pace.longest_ms() == 0);
  pace.look(kNow + 120'000);
  pace.look(kNow + 120'500);
  BOOST_TEST(pace.longest_ms() == 120'000);
  pace.look(kNow);  // a clock that was set back
  BOOST_TEST(pace.longest_ms() == 120'000);
  pace.look(kNow + 86'400'000);  // a laptop that slept
  BOOST_TEST(pace.longest_ms() == 600'000);
}

BOOST_AUTO_TEST_SUITE_END()
