// How often a provider is asked for one thing, and within what time.
#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

#include "source_fixture.h"

using namespace dso;
using namespace dso::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(provider_tries)

BOOST_AUTO_TEST_CASE(transient_errors_are_asked_again_only_for_their_reference) {
  SourceFixture f("good");
  auto source = f.make();
  const SecretRef refs[] = {{"third-time", ""}, {"one", ""}, {"missing", ""}};
  const auto all = source->fetch(refs, Deadline::in(20s), {});
  BOOST_TEST(field(all[0], "value") == "at last");
  BOOST_TEST(field(all[1], "user") == "app");
  BOOST_TEST((all[2].error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(one_attempt_is_one) {
  SourceFixture f("good");
  f.instance.retry_attempts = 1;
  auto source = f.make();
  BOOST_TEST((fetch_one(*source, "third-time").error().cls == ErrorClass::unavailable));
}

BOOST_AUTO_TEST_CASE(a_hint_beyond_the_deadline_is_not_waited_for) {
  SourceFixture f("good");
  auto source = f.make();
  const auto before = std::chrono::steady_clock::now();
  const auto v = fetch_one(*source, "throttled");
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST((v.error().cls == ErrorClass::throttled));
  BOOST_TEST(v.error().retry_after->count() == 3600 * 1000);
  BOOST_TEST((std::chrono::steady_clock::now() - before < 15s));
}

// The instance's time is one operation's, whatever is tried within it: twenty tries of a second each would be 18 s.
BOOST_AUTO_TEST_CASE(a_second_try_has_what_the_first_has_left) {
  SourceFixture f("good");
  f.instance.timeout = 1s;
  f.instance.retry_attempts = 20;
  auto source = f.make();
  BOOST_REQUIRE(source->open(Deadline::in(20s), {}).has_value());
  const auto before = std::chrono::steady_clock::now();
  const auto v = fetch_one(*source, "until-cancelled");
  BOOST_REQUIRE(v.has_error());
  BOOST_TEST((v.error().cls == ErrorClass::timeout));
  BOOST_TEST((std::chrono::steady_clock::now() - before < 8s));
  BOOST_TEST(field(fetch_one(*source, "third-time"), "value") == "at last");  // what fails at once is tried again in that time
}

// Others' time is not its own: it begins with its turn.
BOOST_AUTO_TEST_CASE(who_waits_for_his_turn_has_his_whole_time_afterwards) {
  SourceFixture f("good");
  f.instance.timeout = 2s;
  auto source = f.make();
  BOOST_REQUIRE(source->open(Deadline::in(20s), {}).has_value());
  std::vector<std::jthread> slow;
  for (int i = 0; i < 2; ++i) slow.emplace_back([&source] { (void)fetch_one(*source, "until-cancelled"); });
  BOOST_TEST(field(fetch_one(*source, "one"), "user") == "app");
  slow.clear();
}

BOOST_AUTO_TEST_SUITE_END()
