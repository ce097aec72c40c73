// Whose value is delivered by who rotates nothing; and which entry of the config says that a secret is frozen.
#include "logic/value_origin.h"

#include <boost/test/unit_test.hpp>

#include "logic/parse_config.h"
#include "logic/resolve_targets.h"

using namespace dso;

namespace {

const SecretKey kDb{"default", "db"}, kApi{"default", "api"};

Scope scope(const std::string& service = "shop/web") {
  Scope s;
  s.id = "s";
  s.service = service;
  for (const SecretKey& key : {kDb, kApi}) s.items.push_back({key, {}, {}});
  return s;
}
ScopeState there() {
  ScopeState s;
  s.scope = scope();
  s.delivered = {{kDb, "3", "digest-3", 1}};
  return s;
}
Config config_of(const std::string& text) {
  return parse_config(text, "dso.yaml").config.value();
}
Container named(const std::string& name) {
  Container c;
  c.name = name;
  return c;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(value_origin)

BOOST_AUTO_TEST_CASE(first_time_is_of_the_store) {
  const auto origins = value_origins(scope(), nullptr, ScopeUse::unused, {}, {});
  BOOST_TEST((!origins.at(kDb).of_scope && origins.at(kDb).version.empty()));
}

BOOST_AUTO_TEST_CASE(after_a_reboot_the_judged_version_first) {
  const auto origins = value_origins(scope(), nullptr, ScopeUse::unused, {}, {{"default/db", "7"}});
  BOOST_TEST(!origins.at(kDb).of_scope);
  BOOST_TEST(origins.at(kDb).version == "7");
  BOOST_TEST(origins.at(kApi).version.empty());
}

BOOST_AUTO_TEST_CASE(what_a_process_has_stays) {
  const ScopeState before = there();
  const auto joined = value_origins(scope(), &before, ScopeUse::in_use, {}, {{"default/db", "1"}});
  BOOST_TEST(joined.at(kDb).of_scope);
  BOOST_TEST(joined.at(kDb).version == "3");
  BOOST_TEST(joined.at(kDb).digest == "digest-3");
  BOOST_TEST(!joined.at(kApi).of_scope);  // new in the scope
  const auto alone = value_origins(scope(), &before, ScopeUse::unused, {}, {});
  BOOST_TEST((!alone.at(kDb).of_scope && alone.at(kDb).version.empty()));
}

BOOST_AUTO_TEST_CASE(frozen_and_held_back_stay_in_any_case) {
  ScopeState before = there();
  BOOST_TEST(value_origins(scope(), &before, ScopeUse::unused, {kDb}, {}).at(kDb).of_scope);
  before.refused["default/db"] = "digest-4";
  BOOST_TEST(value_origins(scope(), &before, ScopeUse::unused, {}, {}).at(kDb).of_scope);
}

BOOST_AUTO_TEST_CASE(each_by_its_own_entry) {
  const Config config = config_of(
      "secrets:\n"
      "  - {name: db, rotation: false, targets: {containers: [old]}}\n"
      "  - {name: db, targets: {containers: [new]}}\n");
  BOOST_TEST(entries_disagree(config, scope()));
  BOOST_TEST((frozen_secrets(config, scope(), {named("old")}) == std::set<SecretKey>{kDb}));
  BOOST_TEST(frozen_secrets(config, scope(), {named("new")}).empty());
  BOOST_TEST((frozen_secrets(config, scope(), {named("new"), named("old")}) == std::set<SecretKey>{kDb}));
  // whom nobody names: the first entry, as the label dso.secrets has it
  BOOST_TEST((frozen_secrets(config, scope(), {named("other")}) == std::set<SecretKey>{kDb}));
  // without containers by the scope's own name: a service, or a container
  BOOST_TEST(frozen_secrets(config, scope("shop/new"), {}).empty());
  BOOST_TEST(frozen_secrets(config, scope("new"), {}).empty());
  BOOST_TEST((frozen_secrets(config, scope("shop/old"), {}) == std::set<SecretKey>{kDb}));
  BOOST_TEST((entry_of(config, kDb, {"new", "", {}})->rotation));
  BOOST_TEST(!entries_disagree(config_of("secrets: [{name: db, rotation: false}]\n"), scope()));
}

BOOST_AUTO_TEST_SUITE_END()
