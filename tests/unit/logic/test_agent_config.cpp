// What a command says of the running agent's config, case by case.
#include <boost/test/unit_test.hpp>

#include "logic/agent_config.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(agent_config)

namespace {

AgentConfigFacts good() {
  AgentConfigFacts f;
  f.pid = 7;
  f.agent_file = f.our_file = "/etc/dso/dso.yaml";
  f.agent_knows = {"default", "prod"};
  f.wanted = {"prod"};
  return f;
}

std::string one(const AgentConfigFacts& f) {
  const auto all = agent_config_warnings(f);
  BOOST_REQUIRE(all.size() == 1u);
  return all.front();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_where_all_is_well) {
  BOOST_TEST(agent_config_warnings(good()).empty());
  AgentConfigFacts other = good();
  other.our_file = "/home/me/dso.yaml";  // another file alone is no fault: the agent knows the instance
  BOOST_TEST(agent_config_warnings(other).empty());
}

BOOST_AUTO_TEST_CASE(a_newer_file_is_told_with_how_it_is_read) {
  AgentConfigFacts f = good();
  f.changed = true;
  BOOST_TEST(one(f) ==
             "the config /etc/dso/dso.yaml was written after the running agent read it. Have it read it anew: systemctl reload "
             "dso-agent (without systemd: kill -HUP 7)");
  f.wanted = {"new"};
  const auto both = agent_config_warnings(f);
  BOOST_REQUIRE(both.size() == 2u);
  BOOST_TEST(has(both[1], "no provider instance 'new'"));
  BOOST_TEST(has(both[1], "may be in what it has not read yet"));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_gone_is_not_read_anew) {
  AgentConfigFacts f = good();
  f.gone = true;
  BOOST_TEST(has(one(f), "is gone"));
  BOOST_TEST(!has(one(f), "reload"));
}

BOOST_AUTO_TEST_CASE(an_instance_of_another_file_has_to_go_into_the_agents) {
  AgentConfigFacts f = good();
  f.our_file = "/home/me/dso.yaml";
  f.wanted = {"mine"};
  BOOST_TEST(has(one(f), "Put it into /etc/dso/dso.yaml, then: systemctl reload"));
  f.agent_file.clear();
  BOOST_TEST(has(one(f), "built-in defaults: put the instance into /etc/dso/dso.yaml"));
}

BOOST_AUTO_TEST_SUITE_END()
