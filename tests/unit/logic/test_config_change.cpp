// What a reload says that it changes: by name, without credentials, and without what only moved in the file.
#include <boost/test/unit_test.hpp>

#include "logic/config_change.h"
#include "logic/parse_config.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(config_change_)

namespace {

Config parsed(const std::string& text) {
  auto out = parse_config(text, "dso.yaml");
  BOOST_REQUIRE(out.config.has_value());
  return *out.config;
}

std::string change(const std::string& before, const std::string& after) {
  return config_change_text(config_change(parsed(before), parsed(after)));
}

const std::string kTwo =
    "providers:\n  a: {type: local}\n  b: {type: vault, address: 'https://b:8200', auth: {method: token, params: {token: "
    "hunter2}}}\n";

}  // namespace

BOOST_AUTO_TEST_CASE(nothing) {
  BOOST_TEST(change(kTwo, kTwo) == "Nothing in it has changed");
  BOOST_TEST(change(kTwo, "# a comment\n\n" + kTwo) == "Nothing in it has changed");
  BOOST_TEST(config_change(parsed(kTwo), parsed("\n" + kTwo)).outdated().empty());
}

BOOST_AUTO_TEST_CASE(instances_by_name) {
  const std::string other =
      "providers:\n  b: {type: vault, address: 'https://b:8201', auth: {method: token, params: {token: hunter2}}}\n  c: {type: "
      "local}\n";
  const ConfigChange c = config_change(parsed(kTwo), parsed(other));
  BOOST_TEST(config_change_text(c) ==
             "provider instances: 1 added (c), 1 removed (a), 1 changed (b); the first provider instance: a -> b");
  BOOST_TEST((c.outdated() == std::set<std::string>{"a", "b"}));
}

BOOST_AUTO_TEST_CASE(a_credential_counts_and_is_not_shown) {
  std::string other = kTwo;
  other.replace(other.find("hunter2"), 7, "hunter3");
  BOOST_TEST(change(kTwo, other) == "provider instances: 1 changed (b)");
}

BOOST_AUTO_TEST_CASE(each_member_of_an_instance_counts) {
  const Config before = parsed(kTwo);
  const std::vector<void (*)(ProviderInstance&)> edits = {
      [](ProviderInstance& i) { i.type = "aws"; },      [](ProviderInstance& i) { i.settings["x"] = "y"; },
      [](ProviderInstance& i) { i.auth_method = "m"; }, [](ProviderInstance& i) { i.auth_params["p"] = "q"; },
      [](ProviderInstance& i) { ++i.retry_attempts; },  [](ProviderInstance& i) { ++i.retry_backoff; },
      [](ProviderInstance& i) { ++i.timeout; },         [](ProviderInstance& i) { i.sandbox = "network"; }};
  for (const auto& edit : edits) {
    Config after = before;
    edit(after.providers[0]);
    BOOST_TEST((config_change(before, after).instances.changed == std::set<std::string>{"a"}));
  }
}

BOOST_AUTO_TEST_CASE(secrets_by_name_though_they_move) {
  const std::string one = "  - {name: x, provider: a}\n", two = "  - {name: y, provider: a, rotation: false}\n";
  BOOST_TEST(change(kTwo + "secrets:\n" + one + two, kTwo + "secrets:\n" + two + one) == "Nothing in it has changed");
  BOOST_TEST(change(kTwo + "secrets:\n" + one, kTwo + "secrets:\n" + one + two) == "secrets: 1 added (a/y)");
  BOOST_TEST(change(kTwo + "secrets:\n" + two, kTwo + "secrets:\n  - {name: y, provider: a}\n") == "secrets: 1 changed (a/y)");
}

BOOST_AUTO_TEST_CASE(settings_with_both_values_and_what_waits_for_a_start) {
  BOOST_TEST(change(kTwo, kTwo + "agent: {watch: {polling_interval: 1s}}\n") == "agent.watch.polling_interval: 2m -> 1s");
  const ConfigChange c = config_change(
      parsed(kTwo),
      parsed(kTwo + "agent: {metrics: {listen: '127.0.0.1:9'}, memory: {locked: required}, rotation: {max_parallel: 7}}\n"));
  BOOST_TEST((c.later == std::vector<std::string>{"agent.memory.locked", "agent.metrics.listen", "agent.rotation.max_parallel"}));
  BOOST_TEST(config_change_text(c).ends_with(
      "What counts only from the agent's next start on: agent.memory.locked, agent.metrics.listen, agent.rotation.max_parallel "
      "(systemctl restart dso-agent)"));
}

BOOST_AUTO_TEST_SUITE_END()
