// The verdict over a container's states and events.
#include "logic/health.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(health)

namespace {

using namespace std::chrono_literals;
using Time = HealthWatch::Time;

Container running(std::string health, std::int64_t started = 1000) {
  Container c;
  c.id = "abc";
  c.state = "running";
  c.health = std::move(health);
  c.started_at_ms = started;
  return c;
}
Container in_state(std::string state, int code = 0) {
  Container c = running("");
  c.state = std::move(state);
  c.exit_code = code;
  return c;
}
EngineEvent event(std::string action, std::int64_t ms = 2000) {
  EngineEvent e;
  e.id = "abc";
  e.action = std::move(action);
  e.time_ns = ms * 1'000'000;
  return e;
}
const Time t0{};

}  // namespace

BOOST_AUTO_TEST_CASE(healthcheck_decides_at_once) {
  BOOST_TEST((HealthWatch(0s).on_state(running("starting"), t0).verdict == HealthVerdict::wait));
  BOOST_TEST((HealthWatch(3s).on_state(running("healthy"), t0).verdict == HealthVerdict::healthy));
  const auto d = HealthWatch(3s).on_state(running("unhealthy"), t0);
  BOOST_TEST((d.verdict == HealthVerdict::failed));
  BOOST_TEST(d.cause == "its healthcheck says unhealthy");
}

BOOST_AUTO_TEST_CASE(without_healthcheck_it_must_run_for_the_stabilization) {
  HealthWatch watch(3s);
  BOOST_TEST((watch.on_state(in_state("created"), t0).verdict == HealthVerdict::wait));
  const auto d = watch.on_state(running(""), t0 + 10s);
  BOOST_TEST((d.verdict == HealthVerdict::wait));
  BOOST_REQUIRE(d.again_at.has_value());
  BOOST_TEST((*d.again_at == t0 + 13s));
  BOOST_TEST((watch.on_state(running(""), t0 + 12999ms).verdict == HealthVerdict::wait));
  BOOST_TEST((watch.on_state(running(""), t0 + 13s).verdict == HealthVerdict::healthy));
  BOOST_TEST((HealthWatch(0s).on_state(running(""), t0).verdict == HealthVerdict::healthy));
}

BOOST_AUTO_TEST_CASE(an_end_fails) {
  for (const char* state : {"exited", "dead", "restarting"}) {
    const auto d = HealthWatch(3s).on_state(in_state(state, 137), t0);
    BOOST_TEST((d.verdict == HealthVerdict::failed));
    BOOST_TEST(d.cause == "the container ended with exit code 137");
  }
  BOOST_TEST((HealthWatch(3s).on_state(in_state("removing"), t0).verdict == HealthVerdict::gone));
  BOOST_TEST((HealthWatch(3s).on_state(in_state("paused"), t0).verdict == HealthVerdict::wait));
}

BOOST_AUTO_TEST_CASE(a_restart_between_two_looks_fails) {
  HealthWatch watch(3s);
  watch.on_state(running("starting", 1000), t0);
  BOOST_TEST((watch.on_state(running("healthy", 1500), t0 + 1s).verdict == HealthVerdict::failed));
}

BOOST_AUTO_TEST_CASE(events) {
  HealthWatch watch(3s);
  watch.on_state(running("starting"), t0);
  BOOST_TEST((watch.on_event(event("health_status: healthy")).verdict == HealthVerdict::look));
  BOOST_TEST((watch.on_event(event("health_status: unhealthy")).verdict == HealthVerdict::failed));
  BOOST_TEST((watch.on_event(event("start")).verdict == HealthVerdict::look));
  BOOST_TEST((watch.on_event(event("exec_die")).verdict == HealthVerdict::wait));
  BOOST_TEST((watch.on_event(event("destroy")).verdict == HealthVerdict::gone));
  EngineEvent die = event("die");
  BOOST_TEST(watch.on_event(die).cause == "the container ended");
  die.attributes["exitCode"] = "3";
  BOOST_TEST((watch.on_event(die).verdict == HealthVerdict::failed));
  BOOST_TEST(watch.on_event(die).cause == "the container ended with exit code 3");
}

BOOST_AUTO_TEST_CASE(events_of_an_earlier_life_or_another_container_do_not_count) {
  HealthWatch watch(3s);
  watch.on_state(running("starting", 1000), t0);
  BOOST_TEST((watch.on_event(event("die", 999)).verdict == HealthVerdict::wait));
  BOOST_TEST((watch.on_event(event("health_status: unhealthy", 999)).verdict == HealthVerdict::wait));
  EngineEvent other = event("die");
  other.id = "abcd";
  BOOST_TEST((watch.on_event(other).verdict == HealthVerdict::wait));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
