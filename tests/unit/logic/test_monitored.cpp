// Every state of a container after an update, and whose doing it is.
#include "logic/monitored.h"

#include <boost/test/unit_test.hpp>

using namespace dso;
using namespace std::chrono_literals;

namespace {

using V = MonitorVerdict;
constexpr std::int64_t kTold = 100'000;

struct Seen {
  Container c;
  Monitored told{kTold, 0, false};
  bool may_have_been_stopped = false;
  std::int64_t passed = 5000;

  Seen(const std::string& state) { c.state = state; }
  /// By a unix clock that is ahead of the other by a day.
  MonitorResult result() const {
    return judge_monitored(told, {&c, may_have_been_stopped, kTold + passed, kTold + passed + 86'400'000}, 30s);
  }
  void ended_after(std::int64_t ms) { c.finished_at_ms = kTold + ms + 86'400'000; }
  V verdict() const { return result().verdict; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(monitored)

BOOST_AUTO_TEST_CASE(nothing_happened) {
  Seen s("running");
  BOOST_TEST((s.verdict() == V::watch));
  s.c.health = "starting";
  BOOST_TEST((s.verdict() == V::watch));
  s.passed = 30'000;
  BOOST_TEST((s.verdict() == V::over));
  BOOST_TEST((judge_monitored(s.told, {nullptr, false, kTold, kTold}, 30s).verdict == V::over));
  Seen paused("paused");
  BOOST_TEST((paused.verdict() == V::watch));
}

BOOST_AUTO_TEST_CASE(an_end_that_somebody_asks_for_is_his_since_it_was_told) {
  constexpr std::int64_t kUnix = kTold + 86'400'000;
  Container c;
  c.started_at_ms = kUnix - 4000;  // it had to get healthy, and its predecessor to drain, before the note is made
  BOOST_TEST(told_at_boot_ms(ToldBy::its_start, c, kTold, kUnix) == kTold - 4000);
  BOOST_TEST(told_at_boot_ms(ToldBy::a_signal, c, kTold, kUnix) == kTold);
  c.started_at_ms = kUnix + 50;  // the engine's clock
  BOOST_TEST(told_at_boot_ms(ToldBy::its_start, c, kTold, kUnix) == kTold);
  c.started_at_ms = 0;  // it never began
  BOOST_TEST(told_at_boot_ms(ToldBy::its_start, c, kTold, kUnix) == kTold);
}

BOOST_AUTO_TEST_CASE(a_restart_has_ended_where_it_is_looked_at_since) {
  constexpr std::int64_t kUnix = kTold + 86'400'000;
  ScopeState s;
  BOOST_TEST(!is_looked_at_since(s, "a", kUnix, kTold, kUnix));
  s.monitored["a"] = Monitored{kTold - 1000, 0, false};
  BOOST_TEST(is_looked_at_since(s, "a", kUnix - 5000, kTold, kUnix));
  BOOST_TEST(!is_looked_at_since(s, "a", kUnix - 500, kTold, kUnix));  // of the value before
  BOOST_TEST(!is_looked_at_since(s, "b", kUnix - 5000, kTold, kUnix));
}

BOOST_AUTO_TEST_CASE(what_is_looked_at_has_not_proved_good) {
  ScopeState s;
  BOOST_TEST(has_proved_good(s, kTold, 30s));
  s.monitored["a"] = Monitored{kTold - 40'000, 0, false};  // of a container that went meanwhile
  BOOST_TEST(has_proved_good(s, kTold, 30s));
  s.monitored["b"] = Monitored{kTold - 29'999, 0, false};
  BOOST_TEST(!has_proved_good(s, kTold, 30s));
  BOOST_TEST(has_proved_good(s, kTold + 1, 30s));
  BOOST_TEST(has_proved_good(s, kTold, 0s));
}

BOOST_AUTO_TEST_CASE(it_died) {
  Seen s("exited");
  s.c.exit_code = 5;
  BOOST_TEST((s.verdict() == V::take_back));
  BOOST_TEST(s.result().cause == "it ended with code 5");
  s.ended_after(29'000);
  s.passed = 31'000;  // a look that comes a little late
  BOOST_TEST((s.verdict() == V::take_back));
  s.passed = 600'000;  // the agent was away
  BOOST_TEST((s.verdict() == V::take_back));
  s.ended_after(60'000);
  BOOST_TEST((s.verdict() == V::over));
}

BOOST_AUTO_TEST_CASE(it_was_stopped_or_is_done) {
  Seen s("exited");
  s.c.exit_code = 143;
  s.may_have_been_stopped = true;
  BOOST_TEST((s.verdict() == V::over));
  Seen done("exited");
  BOOST_TEST((done.verdict() == V::over));
  Seen memory("exited");
  memory.c.exit_code = 137;
  memory.c.oom_killed = true;
  BOOST_TEST(memory.result().cause == "it ran out of memory");
}

BOOST_AUTO_TEST_CASE(the_engine_had_to_start_it_again) {
  Seen s("running");
  s.c.restart_count = 1;
  s.c.exit_code = 3;
  s.may_have_been_stopped = true;  // the engine starts none again that was stopped
  BOOST_TEST((s.verdict() == V::take_back));
  s.told.restarts = 1;  // it had been before
  BOOST_TEST((s.verdict() == V::watch));
  s.c.restart_count = 0;  // its user started it anew
  BOOST_TEST((s.verdict() == V::watch));
  Seen loop("restarting");
  loop.passed = 600'000;  // the agent was away
  BOOST_TEST((loop.verdict() == V::take_back));
}

BOOST_AUTO_TEST_CASE(it_turned_unhealthy) {
  Seen s("running");
  s.c.health = "unhealthy";
  BOOST_TEST((s.verdict() == V::take_back));
  BOOST_TEST(s.result().cause == "its healthcheck fails");
  s.told.was_unhealthy = true;
  BOOST_TEST((s.verdict() == V::watch));
}

BOOST_AUTO_TEST_CASE(what_others_have_proved_is_not_the_values_fault) {
  ScopeState state;
  state.delivered.push_back({{"default", "db"}, "1", "digest", 0});
  BOOST_TEST(may_be_the_values_fault(state, "a"));
  state.applied["a"]["default/db"] = "digest";
  state.applied["b"]["default/db"] = "older";
  BOOST_TEST(may_be_the_values_fault(state, "a"));
  state.applied["b"]["default/db"] = "digest";
  BOOST_TEST(!may_be_the_values_fault(state, "a"));
  state.monitored["b"] = {};  // not yet
  BOOST_TEST(may_be_the_values_fault(state, "a"));
}

BOOST_AUTO_TEST_SUITE_END()
