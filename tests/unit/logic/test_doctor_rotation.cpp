// Each row about rotations that fail, wait or lose requests: once well, once not.
#include <boost/test/unit_test.hpp>

#include "doctor_check.h"
#include "logic/doctor_containers.h"
#include "logic/parse_config.h"

using namespace dso;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(doctor_rotation_rows)

namespace {

/// api, healthy after 2 s, 45 s are allowed.
ContainerFacts api(const char* strategy = "rolling") {
  ContainerFacts f;
  f.container.name = "api";
  f.container.state = "running";
  f.container.started_at_ms = 1000;
  f.first_healthy_ms = 3000;
  f.container.labels = {{"dso.reloader", "true"}, {"dso.strategy", strategy}};
  f.container.healthcheck.test = {"CMD", "probe"};
  f.container.healthcheck.interval = 5s;
  f.wanted = {{{"default", "db"}, {}, {}}};
  return f;
}
std::string said_of(const ContainerFacts& f, const char* check) {
  return said(doctor_rotation(default_config(), f), check);
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_is_well) {
  const auto rows = doctor_rotation(default_config(), api());
  BOOST_TEST(said(rows, "container.strategy") == "ok: rolling (label dso.strategy)");
  BOOST_TEST(said(rows, "container.healthcheck") == "ok: every 5s");
  BOOST_TEST(said(rows, "container.health_interval") == "ok: its start_period is 0s, health_check_timeout is 45s");
  BOOST_TEST(said(rows, "container.start_time") == "ok: healthy within 2s of its start, health_check_timeout is 45s");
  BOOST_TEST(!there(rows, "container.ports"));
  BOOST_TEST(!there(rows, "container.exclusive"));
}

BOOST_AUTO_TEST_CASE(nothing_to_say_of_who_did_not_opt_in) {
  auto f = api();
  f.container.labels.erase("dso.reloader");
  BOOST_TEST(doctor_rotation(default_config(), f).empty());
}

BOOST_AUTO_TEST_CASE(a_strategy_that_cannot_be_done) {
  auto f = api("signal");
  f.wanted[0].inject.type = InjectType::env;
  BOOST_TEST(said_of(f, "container.strategy") ==
             "error: signal SIGHUP (label dso.strategy): a running process's environment cannot change, so a signal would bring "
             "nothing | Use the strategy rolling or restart, or deliver by file");
  BOOST_TEST(said_of(api("quick"), "container.strategy").starts_with("error: "));
  auto host = api();
  host.container.network_mode = "host";
  BOOST_TEST(said_of(host, "container.strategy").starts_with("error: rolling (label dso.strategy): it uses the host's network"));
}

BOOST_AUTO_TEST_CASE(no_healthcheck) {
  auto f = api();
  f.container.healthcheck.test.clear();
  BOOST_TEST(said_of(f, "container.healthcheck").starts_with("warn: none: "));
  BOOST_TEST(!there(doctor_rotation(default_config(), api("none")), "container.healthcheck"));
}

BOOST_AUTO_TEST_CASE(a_restart_waits_for_the_engines_first_probe) {
  auto f = api("restart");
  BOOST_TEST(said_of(f, "container.health_interval").starts_with("ok: "));
  f.container.healthcheck.interval = 60s;
  BOOST_TEST(said_of(f, "container.health_interval")
                 .starts_with("error: the engine probes it for the first time after 1m, health_check_timeout is 45s | Raise"));
  f.container.healthcheck.start_interval = 1s;
  BOOST_TEST(said_of(f, "container.health_interval").starts_with("ok: "));
  // which a rolling update does not, since it probes too
  f = api();
  f.container.healthcheck.interval = 60s;
  BOOST_TEST(said_of(f, "container.health_interval").starts_with("ok: "));
  f.container.healthcheck.start_period = 50s;
  BOOST_TEST(said_of(f, "container.health_interval").starts_with("warn: its start_period is 50s, health_check_timeout is 45s"));
}

BOOST_AUTO_TEST_CASE(an_observed_start_that_takes_too_long) {
  auto f = api();
  f.first_healthy_ms = 1000 + 51'000;
  BOOST_TEST(
      said_of(f, "container.start_time").starts_with("error: healthy within 51s of its start, health_check_timeout is 45s"));
  f.first_healthy_ms = 1000 + 49'000;  // may have been good since the probe before
  BOOST_TEST(said_of(f, "container.start_time").starts_with("ok: "));
  f.first_healthy_ms = 0;
  BOOST_TEST(said_of(f, "container.start_time").starts_with("info: "));
}

BOOST_AUTO_TEST_CASE(published_ports) {
  auto f = api();
  f.container.publishes = true;
  BOOST_TEST(said_of(f, "container.ports").starts_with("ok: it publishes ports: a stand-in"));
  f.container.labels["dso.exclusive"] = "true";
  BOOST_TEST(said_of(f, "container.ports").starts_with("info: "));
  f = api("restart");
  f.container.publishes = true;
  BOOST_TEST(said_of(f, "container.ports") ==
             "warn: its published ports do not answer while it restarts | The strategy auto loses no request, where nothing else "
             "is lost "
             "by that.");
  f.container.replace_facts = ReplaceFacts{"'/app/db'", {}, {}};
  BOOST_TEST(said_of(f, "container.ports") == "info: its published ports do not answer while it restarts");
}

BOOST_AUTO_TEST_CASE(data_of_one_writer) {
  auto f = api();
  f.container.mounts = {{"volume", "/x", "/data", false, std::string(64, 'a')}};
  BOOST_TEST(said_of(f, "container.strategy")
                 .starts_with(
                     "error: rolling (label dso.strategy): two would write to its volume at /data for a while | Set the label"));
  f.container.labels["dso.exclusive"] = "false";
  BOOST_TEST(said_of(f, "container.exclusive") ==
             "info: old and new write to its volume at /data for a while (label dso.exclusive=false)");
  f.container.labels.erase("dso.exclusive");
  f.container.image = "postgres:16";
  BOOST_TEST(said_of(f, "container.exclusive").starts_with("ok: image postgres with data of its own"));
}

BOOST_AUTO_TEST_CASE(an_address_that_changes) {
  auto f = api();
  f.container.endpoints = {{"net", "id", "10.0.0.2", "", {}, false}};
  BOOST_TEST(said_of(f, "container.address").starts_with("info: each update changes its address"));
  f.container.publishes = true;
  BOOST_TEST(!there(doctor_rotation(default_config(), f), "container.address"));
}

BOOST_AUTO_TEST_SUITE_END()
