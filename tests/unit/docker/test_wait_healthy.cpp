// Waiting for health, on real containers.
#include <boost/test/unit_test.hpp>
#include <thread>

#include "docker/engine.h"
#include "docker/real_container.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(wait_for_health)

namespace {

using namespace std::chrono_literals;
using test::engine_answers;
using test::RealContainer;

Result<void> wait_for(const std::string& id, std::chrono::milliseconds stabilization, std::chrono::milliseconds time,
                      std::stop_token s = {}) {
  return wait_healthy(Engine::from_environment().value(), id, stabilization, Deadline::in(time), s);
}

}  // namespace

BOOST_AUTO_TEST_CASE(healthy) {
  if (!engine_answers()) return;
  const RealContainer web("dso-test/web:1");
  auto r = wait_for(web.name, 0ms, 60s);
  BOOST_TEST(r.has_value());
  BOOST_TEST(test::shell("docker inspect -f '{{.State.Health.Status}}' " + web.id) == "healthy");
  BOOST_TEST(wait_for(web.id, 0ms, 60s).has_value());  // already so
}

BOOST_AUTO_TEST_CASE(unhealthy) {
  if (!engine_answers()) return;
  const RealContainer web("-e UNHEALTHY=1 dso-test/web:1");
  auto r = wait_for(web.id, 0ms, 60s);
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::unhealthy));
  BOOST_TEST(r.error().cause == "its healthcheck says unhealthy");
}

BOOST_AUTO_TEST_CASE(a_passed_deadline_has_the_contracted_words) {
  if (!engine_answers()) return;
  const RealContainer web("--health-interval 1h dso-test/web:1");
  const auto start = std::chrono::steady_clock::now();
  auto r = wait_for(web.id, 0ms, 1500ms);
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::unhealthy));
  BOOST_TEST(r.error().cause == "Healthcheck timeout");
  BOOST_TEST((std::chrono::steady_clock::now() - start < 10s));
}

BOOST_AUTO_TEST_CASE(without_healthcheck_it_waits_for_the_stabilization) {
  if (!engine_answers()) return;
  const RealContainer real("dso-test/busybox:1 sleep 600");
  const auto start = std::chrono::steady_clock::now();
  BOOST_TEST(wait_for(real.id, 1200ms, 60s).has_value());
  BOOST_TEST((std::chrono::steady_clock::now() - start >= 1200ms));
}

BOOST_AUTO_TEST_CASE(an_end_is_noticed_by_its_event) {
  if (!engine_answers()) return;
  const RealContainer real("--restart always dso-test/busybox:1 sh -c 'sleep 1; exit 7'");
  const auto start = std::chrono::steady_clock::now();
  auto r = wait_for(real.id, 50s, 60s);
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::unhealthy));
  BOOST_TEST((r.error().cause == "the container ended with exit code 7" ||
              r.error().cause == "the container ended and was started again"));
  BOOST_TEST((std::chrono::steady_clock::now() - start < 20s));
}

BOOST_AUTO_TEST_CASE(a_container_that_was_just_restarted_is_not_blamed_for_its_earlier_end) {
  if (!engine_answers()) return;
  const RealContainer web("dso-test/web:1");
  const Engine engine = Engine::from_environment().value();
  for (int i = 0; i < 2; ++i) {
    BOOST_REQUIRE(engine.restart(web.id, 0s, Deadline::in(60s)).has_value());
    BOOST_TEST(wait_for(web.id, 0ms, 60s).has_value());
  }
}

BOOST_AUTO_TEST_CASE(vanished) {
  if (!engine_answers()) return;
  BOOST_TEST((wait_for("dso-unit-none", 0ms, 60s).error().cls == ErrorClass::not_found));
  const RealContainer real("dso-test/busybox:1 sleep 600");
  std::jthread remover([&] { real.remove(); });
  auto r = wait_for(real.id, 50s, 60s);
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::not_found ||
              r.error().cls == ErrorClass::unhealthy));  // its end may be seen before its removal
}

BOOST_AUTO_TEST_CASE(stopped_and_no_engine) {
  if (!engine_answers()) return;
  const RealContainer real("dso-test/busybox:1 sleep 600");
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  BOOST_TEST((wait_for(real.id, 50s, 60s, stop.get_token()).error().cls == ErrorClass::interrupted));
  auto r = wait_healthy(Engine::at("/nowhere/docker.sock"), "x", 0ms, Deadline::in(400ms));
  BOOST_TEST((r.error().cls == ErrorClass::engine_unreachable));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
