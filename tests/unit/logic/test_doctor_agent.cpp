// The rows of section "agent": each check once right and once wrong.
#include <boost/test/unit_test.hpp>

#include "doctor_check.h"
#include "logic/doctor_agent.h"

BOOST_AUTO_TEST_SUITE(doctor_agent)

namespace {

using namespace dso;
using State = SocketFacts::State;

AgentFacts good() {
  AgentFacts f;
  f.control = {"/run/dso/dso.sock", State::answers};
  f.plugin = {"/run/docker/plugins/dso.sock", State::answers};
  f.read = {"/run/dso/read/dso.sock", State::answers};
  f.version = f.our_version = "0.1.0 (abc)";
  f.config = f.our_config = "/etc/dso/dso.yaml";
  f.opted_in = 2;
  f.unit = UnitFacts{"loaded", "active", "running", "success", "enabled"};
  f.log = std::vector<std::string>{"INFO: [Agent] Ready: what is said of ERROR: does not count"};
  return f;
}
AgentFacts without_agent(State state) {
  AgentFacts f = good();
  f.control.state = state;
  f.plugin.state = f.read.state = State::absent;
  f.version.clear();
  f.config.reset();
  f.log.reset();
  return f;
}

BOOST_AUTO_TEST_CASE(all_is_well) {
  const DoctorRows rows = agent_checks(good());
  BOOST_TEST(rows.size() == 8u);
  for (const DoctorRow& r : rows) BOOST_TEST((r.level == DoctorLevel::ok), r.check << ": " << r.found);
}

BOOST_AUTO_TEST_CASE(no_agent) {
  AgentFacts f = without_agent(State::absent);
  BOOST_TEST(level(agent_checks(f), "agent.socket") == "error", "two containers wait for it");
  BOOST_TEST(level(agent_checks(f), "agent.version") == "");
  BOOST_TEST(level(agent_checks(f), "agent.plugin_socket") == "info");
  f.opted_in = 0;
  BOOST_TEST(level(agent_checks(f), "agent.socket") == "info");
  f.opted_in.reset();
  BOOST_TEST(level(agent_checks(f), "agent.socket") == "info");
}

BOOST_AUTO_TEST_CASE(a_control_socket_that_nobody_serves) {
  AgentFacts f = without_agent(State::dead);
  BOOST_TEST(level(agent_checks(f), "agent.socket") == "error");
  BOOST_TEST(fix(agent_checks(f), "agent.socket") == "dead-socket");
  f.opted_in = 0;
  BOOST_TEST(level(agent_checks(f), "agent.socket") == "warn");
  f.control.state = State::silent;
  BOOST_TEST(level(agent_checks(f), "agent.socket") == "error");
  BOOST_TEST(fix(agent_checks(f), "agent.socket") == "");
  f.control.state = State::denied;
  BOOST_TEST(level(agent_checks(f), "agent.socket") == "info");
}

BOOST_AUTO_TEST_CASE(the_plugin_socket) {
  AgentFacts f = good();
  f.plugin.state = State::dead;
  BOOST_TEST(level(agent_checks(f), "agent.plugin_socket") == "error");
  BOOST_TEST(fix(agent_checks(f), "agent.plugin_socket") == "dead-socket");
  f.plugin.state = State::silent;
  BOOST_TEST(level(agent_checks(f), "agent.plugin_socket") == "error");
  BOOST_TEST(fix(agent_checks(f), "agent.plugin_socket") == "", "somebody has it open");
  f.plugin.state = State::absent;
  BOOST_TEST(level(agent_checks(f), "agent.plugin_socket") == "warn");
  f.plugin.state = State::denied;
  BOOST_TEST(level(agent_checks(f), "agent.plugin_socket") == "info");
}

BOOST_AUTO_TEST_CASE(managed_plugins) {
  AgentFacts f = good();
  f.managed = {{"dso:latest", true}};
  BOOST_TEST(level(agent_checks(f), "agent.plugin_form") == "warn");
  f.plugin.state = State::absent;
  BOOST_TEST(level(agent_checks(f), "agent.plugin_form") == "ok");
  f.managed[0].second = false;
  BOOST_TEST(level(agent_checks(f), "agent.plugin_form") == "info");
}

BOOST_AUTO_TEST_CASE(another_version_or_config) {
  AgentFacts f = good();
  f.version = "0.0.9 (def)";
  BOOST_TEST(level(agent_checks(f), "agent.version") == "warn");
  f.version.clear();
  BOOST_TEST(found(agent_checks(f), "agent.version") == "warn: the agent is an older version, this command 0.1.0 (abc)");
  f.config_changed = true;
  BOOST_TEST(level(agent_checks(f), "agent.config") == "warn");
  f.config_changed = false;
  f.config = "";
  BOOST_TEST(level(agent_checks(f), "agent.config") == "warn");
  f.config = "dso.yaml";  // somewhere
  BOOST_TEST(level(agent_checks(f), "agent.config") == "info");
}

BOOST_AUTO_TEST_CASE(the_read_socket) {
  AgentFacts f = good();
  f.read.state = State::dead;
  BOOST_TEST(level(agent_checks(f), "agent.read_socket") == "warn");
  f.read.state = State::denied;
  BOOST_TEST(level(agent_checks(f), "agent.read_socket") == "info");
}

BOOST_AUTO_TEST_CASE(the_unit) {
  AgentFacts f = good();
  const auto row = [&](const char* show) {
    f.unit = parse_unit(show);
    return level(agent_checks(f), "agent.unit");
  };
  BOOST_TEST(row("LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nUnitFileState=enabled\n") == "ok");
  BOOST_TEST(row("LoadState=loaded\nActiveState=active\nUnitFileState=disabled\n") == "warn");
  BOOST_TEST(row("LoadState=loaded\nActiveState=failed\nResult=exit-code") == "error");
  BOOST_TEST(row("LoadState=loaded\nActiveState=inactive") == "info");
  BOOST_TEST(row("LoadState=not-found\nActiveState=inactive") == "info");
  BOOST_TEST(row("") == "info");
  f = without_agent(State::absent);
  BOOST_TEST(row("LoadState=loaded\nActiveState=inactive") == "warn");
  f.unit.reset();
  BOOST_TEST(level(agent_checks(f), "agent.unit") == "info");
}

BOOST_AUTO_TEST_CASE(the_units_way_to_the_stores) {
  AgentFacts f = good();
  f.dialer = UnitFacts{"loaded", "active", "listening", "success", "static"};
  BOOST_TEST(found(agent_checks(f), "agent.unit") == "ok: active (running)\nok: active (listening)");
  f.dialer->active = "inactive";
  BOOST_TEST(found(agent_checks(f), "agent.unit") ==
             "ok: active (running)\nerror: inactive: the agent reaches no store but the local one");
  f.unit->active = "inactive";
  BOOST_TEST(level(agent_checks(f), "agent.unit") == "info", "an agent that was started by hand connects by itself");
  f = good();
  f.dialer = UnitFacts{"not-found", "inactive", "", "", ""};
  BOOST_TEST(found(agent_checks(f), "agent.unit") == "ok: active (running)", "an older installation");
}

BOOST_AUTO_TEST_CASE(its_last_words) {
  AgentFacts f = good();
  f.log = std::vector<std::string>{"ERROR: [Watcher] Failed to fetch secret 'x'", "INFO: [Agent] on", "WARN: [Agent] newest"};
  BOOST_TEST(found(agent_checks(f), "agent.log") ==
             "warn: 1 errors and 1 warnings of its last 3 lines, the newest: WARN: [Agent] newest");
  f.log = std::vector<std::string>{R"({"time":"t","level":"ERROR","component":"Agent","message":"m"})"};
  BOOST_TEST(level(agent_checks(f), "agent.log") == "warn");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
