// The rows of section "engine": each check once right and once wrong.
#include <boost/test/unit_test.hpp>

#include "doctor_check.h"
#include "logic/doctor_engine.h"

BOOST_AUTO_TEST_SUITE(doctor_engine)

namespace {

using namespace dso;

EngineFacts good() {
  EngineFacts f;
  f.socket = "/var/run/docker.sock";
  f.version = "29.1.0";
  f.api = {1, 47};
  f.info = EngineInfo{{"name=seccomp,profile=builtin"}, true, 1000000};
  f.now_ms = 1000000;
  f.root = true;
  f.cli_plugin = "/usr/libexec/docker/cli-plugins/docker-dso";
  f.cli_plugin_is_us = true;
  f.compose = "/usr/libexec/docker/cli-plugins/docker-compose";
  return f;
}

BOOST_AUTO_TEST_CASE(all_is_well) {
  const DoctorRows rows = engine_checks(good());
  BOOST_TEST(rows.size() == 8u);
  for (const DoctorRow& r : rows) BOOST_TEST((r.level == DoctorLevel::ok), r.check << ": " << r.found);
}

BOOST_AUTO_TEST_CASE(an_engine_that_is_away) {
  EngineFacts f = good();
  f.error = make_error(ErrorClass::engine_unreachable, "Failed to ask", "permission denied", "Run as root.");
  const DoctorRows rows = engine_checks(f);
  BOOST_TEST(found(rows, "engine.reach") == "error: Failed to ask: permission denied");
  BOOST_TEST(rows[0].next == "Run as root.");
  BOOST_TEST(level(rows, "engine.version") == "");
  BOOST_TEST(level(rows, "engine.compose") == "ok", "what needs no engine is said all the same");
  f.error->next.clear();
  BOOST_TEST(level(engine_checks(f), "engine.reach") == "error");  // and found() sees that it has a next step
}

BOOST_AUTO_TEST_CASE(what_an_old_engine_costs) {
  EngineFacts f = good();
  f.api = {1, 43};
  BOOST_TEST(level(engine_checks(f), "engine.version") == "info");
  BOOST_TEST(found(engine_checks(f), "engine.version").find("start_interval") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(its_settings) {
  EngineFacts f = good();
  f.info->live_restore = false;
  BOOST_TEST(level(engine_checks(f), "engine.live_restore") == "info");
  for (const char* option : {"name=rootless", "name=userns"}) {
    f.info->security = {"name=seccomp", option};
    BOOST_TEST(level(engine_checks(f), "engine.namespaces") == "info");
  }
}

BOOST_AUTO_TEST_CASE(clocks) {
  EngineFacts f = good();
  for (const int ms : {5000, -5000}) {
    f.now_ms = 1000000 + ms;
    BOOST_TEST(level(engine_checks(f), "engine.clock") == "ok");
    f.now_ms += ms > 0 ? 1 : -1;
    BOOST_TEST(level(engine_checks(f), "engine.clock") == "warn");
  }
  BOOST_TEST(found(engine_checks(f), "engine.clock") == "warn: it is 5 s ahead");
  f.info->time_ms = 0;
  BOOST_TEST(level(engine_checks(f), "engine.clock") == "info");
}

BOOST_AUTO_TEST_CASE(redirects_and_dockers_own_tools) {
  EngineFacts f = good();
  f.no_redirect = "neither nft nor iptables is there";
  f.cli_plugin_is_us = false;
  f.compose.clear();
  BOOST_TEST(level(engine_checks(f), "engine.redirect") == "warn");
  BOOST_TEST(level(engine_checks(f), "engine.cli_plugin") == "warn");
  BOOST_TEST(level(engine_checks(f), "engine.compose") == "info");
  f.root = false;
  f.cli_plugin.clear();
  BOOST_TEST(level(engine_checks(f), "engine.redirect") == "info");
  BOOST_TEST(level(engine_checks(f), "engine.cli_plugin") == "info");
}

BOOST_AUTO_TEST_CASE(reads_the_engines_info) {
  const EngineInfo i = parse_engine_info(
      R"({"SecurityOptions":["name=rootless"],"LiveRestoreEnabled":true,"SystemTime":"1970-01-01T00:00:02.5Z","Swarm":{}})");
  BOOST_TEST(i.security.size() == 1u);
  BOOST_TEST(i.live_restore);
  BOOST_TEST(i.time_ms == 2500);
  for (const char* odd : {"", "[]", "{}", "nonsense", R"({"SecurityOptions":7,"SystemTime":false})"})
    BOOST_TEST(parse_engine_info(odd).time_ms == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
