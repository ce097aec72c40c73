// How a container is told: with the time to end that it was given, however the engine's own default is.
#include "agent/apply_reload.h"

#include <boost/test/unit_test.hpp>

#include "fake_engine.h"

namespace dso {

BOOST_AUTO_TEST_SUITE(apply_reload_)

BOOST_AUTO_TEST_CASE(a_restart_gives_the_containers_own_grace_period) {
  test::FakeEngine fake([](const std::string&) { return test::FakeEngine::refusal("500 Internal Server Error", "no"); });
  Container c;
  c.id = "c1";
  c.name = "api";
  c.stop_timeout_s = 75;
  StrategyChoice restart;
  restart.type = Strategy::restart;
  const Engine engine = Engine::at(fake.socket());
  ContainerTies ties(engine);
  BOOST_TEST(apply_reload(ties, c, restart, {}).has_error());
  BOOST_TEST(fake.called("POST /containers/c1/restart?t=75") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
