// When `dso rotate SERVICE` has waited long enough, on the modelled Swarm of the planner's tests.
#include <boost/test/unit_test.hpp>

#include "logic/swarm_progress.h"
#include "swarm_model.h"

namespace dso {
namespace {

struct World {
  test::SwarmModel swarm;
  SwarmWish wish;
  World() {
    swarm.add_service("api", {swarm.add_secret("db", "db", {{label::kSwarmVersion, "1"}})}, 2);
    wish.versions["db"] = "1";
  }
  Result<bool> look() { return has_versions(swarm.view, swarm.service("v-api"), wish); }
  /// As the leader does it.
  void round() {
    for (const SwarmStep& step : plan_swarm(swarm.view, wish)) swarm.apply(step);
    swarm.tick();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(swarm_progress, World)

BOOST_AUTO_TEST_CASE(done_when_the_last_task_has_moved) {
  BOOST_TEST(look().value());
  wish.versions["db"] = "2";
  BOOST_TEST(!look().value());
  int rounds = 0;
  for (; rounds < 20 && !look().value(); ++rounds) {
    round();
    if (!look().value()) continue;
    for (const SwarmTask& t : swarm.view.tasks)
      BOOST_TEST(swarm.secret(t.secret_ids.at(0))->label_or(label::kSwarmVersion) == "2");
  }
  BOOST_TEST(rounds > 2);
  BOOST_TEST(rounds < 20);
}

BOOST_AUTO_TEST_CASE(an_update_that_swarm_takes_back_is_an_error) {
  wish.versions["db"] = "2";
  swarm.bad["db"] = {"2"};
  auto seen = look();
  for (int i = 0; i < 20 && seen.has_value(); ++i) {
    BOOST_TEST(!*seen);
    round();
    seen = look();
  }
  BOOST_REQUIRE(seen.has_error());
  BOOST_CHECK(seen.error().cls == ErrorClass::unhealthy);
  for (const SwarmTask& t : swarm.view.tasks) BOOST_TEST(swarm.secret(t.secret_ids.at(0))->label_or(label::kSwarmVersion) == "1");
  BOOST_TEST(seen.error().cause.find("held back until the store has another one") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_update_that_is_taken_back_is_waited_for) {
  wish.versions["db"] = "2";
  swarm.bad["db"] = {"2"};
  for (int i = 0; i < 20 && swarm.service("v-api").update_state != "rollback_started"; ++i) round();
  for (const SwarmStep& step : plan_swarm(swarm.view, wish)) swarm.apply(step);  // marked
  swarm.view.tasks.at(0).secret_ids = {"another"};                               // and one task is not back yet
  auto seen = look();
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST(!*seen);
  swarm.service("v-api").update_state = "paused";  // nobody brings it back
  BOOST_TEST(look().has_error());
}

/// Secrets are listed before services: one that was made in between is in a spec and not in the list.
BOOST_AUTO_TEST_CASE(a_secret_that_is_not_listed_has_no_version) {
  swarm.view.secrets.clear();
  BOOST_TEST(!look().value());
}

BOOST_AUTO_TEST_CASE(a_version_that_nobody_knows_is_waited_for) {
  wish.versions.clear();
  BOOST_TEST(!look().value());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
