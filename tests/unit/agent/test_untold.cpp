// Whom the comparison of processes with their scopes finds untold, and whom it does not ask about.
#include "agent/untold.h"

#include <boost/test/unit_test.hpp>

#include "agent/agent_parts.h"
#include "agent/amend_state.h"
#include "delivery/store_fixture.h"
#include "fake_engine.h"
#include "logic/parse_config.h"

namespace dso {
namespace {

/// A scope with one container, which was told of nothing yet; the engine has an error with each call.
struct Compared : test::StoreFixture {
  test::FakeEngine fake{[](const std::string&) { return test::FakeEngine::refusal("500 Internal Server Error", "no"); }};
  Engine engine = Engine::at(fake.socket());
  Sources sources{default_config(), Paths{}};
  test::AgentParts agent{sources, store, engine, 1};
  Untold& untold = agent.untold;

  Compared() {
    test::write_with_secret(store, "d1", "first");
    amend([](ScopeState& state) { state.applied.clear(); });
  }
  void amend(const std::function<void(ScopeState&)>& change) { BOOST_REQUIRE(amend_state(store, "s", change).has_value()); }
  std::vector<InventoryEntry> inventory() const {
    auto container = std::make_shared<Container>();
    container->id = container->name = "api";
    container->state = "running";
    auto state = store.shared_state("s");
    BOOST_REQUIRE(state.has_value());
    return {{*state, {container}}};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(untold_, Compared)

BOOST_AUTO_TEST_CASE(the_engine_is_asked_about_one_without_a_mark) {
  BOOST_TEST(untold.look(inventory(), {}).has_value());
  BOOST_TEST(fake.called("/containers/api/json") > 0u);
}

BOOST_AUTO_TEST_CASE(one_that_the_engine_cannot_tell_of_is_asked_about_again) {
  BOOST_TEST(untold.look(inventory(), {}).has_value());
  BOOST_TEST(untold.look(inventory(), {}).has_value());
  BOOST_TEST(fake.called("/containers/api/json") == 2u);
}

BOOST_AUTO_TEST_CASE(one_that_was_told_since_the_inventory_was_taken_is_not_asked_about) {
  const auto before = inventory();
  amend([](ScopeState& state) { mark_told(state, "api", ScopeState(state), "signal"); });
  BOOST_TEST(untold.look(before, {}).has_value());
  BOOST_TEST(fake.called("/containers/api/json") == 0u);
}

BOOST_AUTO_TEST_CASE(a_restart_that_ended_since_the_inventory_was_taken_is_not_gone_on_with) {
  amend([](ScopeState& state) { state.restarting["api"] = {}; });
  const auto before = inventory();
  amend([](ScopeState& state) {
    state.restarting.clear();
    mark_told(state, "api", ScopeState(state), "restart");
  });
  BOOST_TEST(untold.look(before, {}).has_value());
  BOOST_TEST(agent.reloader.state().waiting.empty());
  BOOST_TEST(agent.reloader.state().running.empty());
}

BOOST_AUTO_TEST_CASE(a_scope_that_went_since_the_inventory_was_taken_is_left_alone) {
  const auto before = inventory();
  BOOST_REQUIRE(store.remove("s").has_value());
  BOOST_TEST(untold.look(before, {}).has_value());
  BOOST_TEST(fake.called("/containers/api/json") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
