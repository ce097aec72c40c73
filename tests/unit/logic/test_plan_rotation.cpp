// A plan touches who is stale and nobody else, each by its strategy, with steps that never leave a service without a container.
#include <boost/test/unit_test.hpp>
#include <random>

#include "logic/plan_rotation.h"

using namespace dso;

namespace {

const SecretKey kDbKey{"default", "db"}, kApiKey{"default", "api"};

ScopeState scope(std::int64_t delivered_boot_ms, InjectType type = InjectType::env) {
  ScopeState s;
  s.scope.id = "run-0123456789abcdef";
  for (const SecretKey& key : {kDbKey, kApiKey}) {
    DeliveryItem item{key, {}, {}};
    item.inject.type = type;
    s.scope.items.push_back(item);
    s.delivered.push_back({key, "1", "digest-of-" + key.name, 1});
    s.delivered.back().delivered_boot_ms = delivered_boot_ms;
  }
  return s;
}

Container running(const std::string& name, std::int64_t started_boot_ms) {
  Container c;
  c.id = "id-of-" + name;
  c.name = name;
  c.state = "running";
  c.started_boot_ms = started_boot_ms;
  c.started_at_ms = 1;
  c.labels = {{label::kReloader, "true"}};
  return c;
}

Config config_with(Strategy type) {
  Config c;
  c.agent.rotation.type = type;
  return c;
}

std::size_t index_of(const ContainerPlan& p, const std::string& what) {
  for (std::size_t i = 0; i < p.steps.size(); ++i)
    if (p.steps[i].what == what) return i;
  return p.steps.size();
}

}  // namespace

BOOST_AUTO_TEST_CASE(only_who_is_stale_is_rotated) {
  const auto plans =
      plan_rotation(config_with(Strategy::rolling), scope(1000), {running("b", 500), running("a", 500), running("new", 2000)});
  BOOST_REQUIRE_EQUAL(plans.size(), 2u);
  BOOST_TEST(plans[0].container.name == "a");
  BOOST_TEST(plans[1].container.name == "b");
  BOOST_TEST((plans[0].stale == std::vector<SecretKey>{kDbKey, kApiKey}));  // both at once: one rotation
}

BOOST_AUTO_TEST_CASE(without_the_label_nothing_is_touched) {
  auto c = running("c", 500);
  c.labels.clear();
  BOOST_TEST(plan_rotation(config_with(Strategy::rolling), scope(1000), {c}).empty());
}

BOOST_AUTO_TEST_CASE(a_lost_mount_alone_touches_nobody) {
  auto told = running("told", 2000), stale = running("stale", 500);
  told.mount_lost = stale.mount_lost = true;
  const auto plans = plan_rotation(config_with(Strategy::none), scope(1000, InjectType::file), {told, stale});
  BOOST_REQUIRE_EQUAL(plans.size(), 1u);
  BOOST_TEST(plans[0].container.name == "stale");
  BOOST_TEST(plans[0].choice.refusal.find("docker restart stale") != std::string::npos);
  BOOST_TEST(plans[0].steps.empty());
}

BOOST_AUTO_TEST_CASE(by_what_a_container_does_now) {
  const auto plan_of = [](const std::string& state, Strategy type) {
    auto c = running("c", 500);
    c.state = state;
    return plan_rotation(config_with(type), scope(1000, InjectType::file), {c});
  };
  const auto paused = plan_of("paused", Strategy::rolling);
  BOOST_REQUIRE_EQUAL(paused.size(), 1u);
  BOOST_TEST(paused[0].waits);
  BOOST_TEST(paused[0].steps[0].what == "wait until it is unpaused");
  for (const Strategy type : {Strategy::rolling, Strategy::signal, Strategy::restart, Strategy::automatic}) {
    const auto loop = plan_of("restarting", type);
    BOOST_REQUIRE_EQUAL(loop.size(), 1u);
    BOOST_TEST((loop[0].choice.type == Strategy::restart && loop[0].choice.refusal.empty() && !loop[0].waits));
  }
  BOOST_TEST((plan_of("restarting", Strategy::none)[0].choice.type == Strategy::none));
  for (const char* state : {"exited", "created", "dead", "removing"}) BOOST_TEST(plan_of(state, Strategy::restart).empty());
}

BOOST_AUTO_TEST_CASE(a_look_between_two_crashes) {
  auto c = running("c", 500);
  c.state = "running";
  c.restart_count = 3;
  const auto how = [&](std::int64_t since_start_ms) {
    const auto plans = plan_rotation(config_with(Strategy::rolling), scope(1000), {c}, c.started_at_ms + since_start_ms);
    BOOST_REQUIRE_EQUAL(plans.size(), 1u);
    return plans[0].choice.type;
  };
  BOOST_TEST((how(9'000) == Strategy::restart), "it does not stay up, though it runs for a moment");
  BOOST_TEST((how(10'000) == Strategy::rolling));
  c.restart_count = 0;
  BOOST_TEST((how(9'000) == Strategy::rolling));
}

BOOST_AUTO_TEST_CASE(what_is_impossible_has_a_reason_and_no_steps) {
  const auto plans = plan_rotation(config_with(Strategy::signal), scope(1000), {running("c", 500)});
  BOOST_REQUIRE_EQUAL(plans.size(), 1u);
  BOOST_TEST(plans[0].choice.refusal.find("environment cannot change") != std::string::npos);
  BOOST_TEST(plans[0].steps.empty());
}

BOOST_AUTO_TEST_CASE(a_value_that_was_rolled_back_is_held) {
  ScopeState s = scope(1000);
  BOOST_TEST(!was_refused(s));
  s.refused["default/db"] = "digest-of-db";
  BOOST_TEST(was_refused(s));
  s.refused["default/db"] = "another";
  BOOST_TEST(!was_refused(s));
}

// Generated containers: whatever they are, a rolling plan has a healthy candidate before the service stops (but where two at once
// are forbidden), and removes the service only after that.
BOOST_AUTO_TEST_CASE(no_plan_takes_a_service_away_first) {
  std::mt19937 random(20261124);
  const auto one_of = [&](auto... options) {
    const std::vector<std::string> all{options...};
    return all[random() % all.size()];
  };
  for (int i = 0; i < 2000; ++i) {
    auto c = running("c" + std::to_string(i), static_cast<std::int64_t>(random() % 2000));
    c.publishes = random() % 2;
    c.auto_remove = random() % 2;
    c.network_mode = one_of("bridge", "host", "none", "net", "container:abc");
    c.image = one_of("web", "postgres:16", "redis");
    if (random() % 2) c.mounts.push_back({"volume", "/v", "/data", random() % 2 == 0});
    if (random() % 2) c.labels[label::kExclusive] = one_of("true", "false");
    if (random() % 2) c.labels[label::kStrategy] = one_of("auto", "rolling", "restart", "signal", "none", "nonsense");
    if (random() % 4 == 0) c.endpoints.push_back({"net", "id", "10.0.0.2", "", {}, true});
    for (const ContainerPlan& p :
         plan_rotation(config_with(Strategy::automatic), scope(1000, random() % 2 ? InjectType::env : InjectType::file), {c})) {
      BOOST_TEST((p.choice.type != Strategy::automatic));
      BOOST_TEST((p.steps.empty() == !p.choice.refusal.empty()));
      BOOST_TEST(!p.choice.reason.empty());
      if (p.choice.type != Strategy::rolling || p.steps.empty()) continue;
      const std::size_t healthy = index_of(p, "wait until candidate is healthy"), stop = index_of(p, "drain and stop service");
      const std::size_t gone = std::min(index_of(p, "remove service"), index_of(p, "remove old container"));
      BOOST_TEST(healthy < p.steps.size());
      BOOST_TEST(gone < p.steps.size());
      BOOST_TEST(healthy < gone);
      if (p.choice.flow != Flow::exclusive) BOOST_TEST(healthy < stop);
      if (p.choice.flow == Flow::relay) BOOST_TEST(index_of(p, "wait until service is healthy") < gone);
    }
  }
}
