// An upgrade of the agent touches nobody: what an older version wrote down of a scope is read and brought over.
#include <boost/test/unit_test.hpp>

#include "agent/deliver.h"
#include "agent/reload_target.h"
#include "delivery/scope_json.h"
#include "logic/plan_rotation.h"
#include "logic/secret_json.h"
#include "old_states.h"

BOOST_AUTO_TEST_SUITE(old_state)

namespace {

using namespace dso;

const SecretKey kOldSecret{"default", "app/db"};

Container user(const std::string& id, std::int64_t started_ms) {
  Container c;
  c.id = c.name = id;
  c.state = "running";
  c.labels = {{label::kReloader, "true"}};
  c.started_at_ms = 1'700'000'000'000 + started_ms;
  c.started_boot_ms = started_ms;
  return c;
}

/// The scope as a poll of this version finds it, the store having `value`.
ScopeState polled(const ScopeState& before, std::string_view value) {
  FetchedScope fetched;
  SecretValue secret{"app/db", "1", {}};
  secret.fields.push_back({"password", SecretBytes::copy_of(value)});
  const std::string digest = secret_digest(test::kOldKey, secret);
  fetched.values.emplace(kOldSecret, std::move(secret));
  fetched.delivered.push_back({kOldSecret, "1", digest, 0});
  BOOST_REQUIRE(plan_fetched(before.scope, fetched, test::kOldKey).has_value());
  ScopeState next = before;
  next.delivered = fetched.delivered;
  (void)mark_changes(before.delivered, next.delivered);
  return next;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nobody_is_touched_by_an_upgrade) {
  for (const char* text : test::kOldStates) {
    const auto stored = delivery::state_from_json(text);
    BOOST_REQUIRE_MESSAGE(stored.has_value(), (stored.has_error() ? render(stored.error()) : ""));
    const std::vector<Container> users{user("told", 500), user("started later", 2000)};
    BOOST_TEST(plan_rotation({}, stored->state, users).empty());
    BOOST_TEST(plan_rotation({}, polled(stored->state, "first"), users).empty());
    BOOST_TEST(plan_rotation({}, polled(stored->state, "other"), users).size() == 2u);
  }
}

BOOST_AUTO_TEST_CASE(nothing_of_it_is_lost_when_it_is_written_anew) {
  for (const char* text : test::kOldStates) {
    const auto old = delivery::state_from_json(text).value();
    const auto again = delivery::state_from_json(delivery::state_to_json(old)).value();
    BOOST_TEST(again.generation == "..g-0123456789abcdef");
    BOOST_TEST(delivery::scope_to_json(again.state.scope) == delivery::scope_to_json(old.state.scope));
    BOOST_TEST(again.state.delivered.at(0).digest == old.state.delivered.at(0).digest);
    BOOST_TEST((again.state.applied == old.state.applied));
    BOOST_TEST((again.state.refused == old.state.refused));
    BOOST_TEST(again.state.previous_scope == old.state.previous_scope);
    BOOST_TEST((again.state.last_rotation == old.state.last_rotation));
  }
}

BOOST_AUTO_TEST_SUITE_END()
