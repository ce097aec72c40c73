// Each row about updates that do not arrive: once well, once not.
#include <boost/test/unit_test.hpp>

#include "doctor_check.h"
#include "logic/doctor_containers.h"
#include "logic/parse_config.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(doctor_updates_rows)

namespace {

const SecretKey db{"default", "db"};
constexpr std::int64_t kMinute = 60'000, kNow = 1000 * kMinute;

Config config() {
  Config c = default_config();
  SecretConfig s;
  s.name = "db";
  s.provider = "default";
  s.targets.containers = {"api"};
  c.secrets = {s};
  return c;
}

/// api runs with version 1 of db, and all is well.
ContainersSeen good() {
  ContainerFacts f;
  f.container.id = "c1";
  f.container.name = "api";
  f.container.state = "running";
  f.container.started_at_ms = kNow;
  f.container.labels = {{"dso.reloader", "true"}, {"dso.scope", "api-1"}};
  f.container.mounts = {{"bind", "/run/dso/secrets/api-1/files-0", "/run/secrets", true}};
  f.wanted = {{db, {}, {}}};
  ScopeState state;
  state.scope.id = "api-1";
  state.scope.items = f.wanted;
  state.delivered = {{db, "1", "d1", kNow - 10 * kMinute, 0}};
  f.delivered = {state};
  ContainersSeen seen;
  seen.run_dir = "/run/dso";
  seen.containers = {f};
  seen.present.emplace(db, std::string("1"));
  seen.agent.emplace().held["default"] = 0;
  seen.now_ms = kNow;
  return seen;
}
ContainerFacts& api(ContainersSeen& seen) {
  return seen.containers[0];
}
std::string drift(const ContainersSeen& seen, const Config& c = config()) {
  return said(doctor_containers(c, seen), "container.drift");
}
ContainersSeen behind() {
  auto seen = good();
  seen.present.insert_or_assign(db, std::string("2"));
  return seen;
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_is_well) {
  const auto rows = doctor_containers(config(), good());
  BOOST_TEST(said(rows, "secret.targets") == "ok: containers that match: 1");
  BOOST_TEST(said(rows, "container.label") == "ok: dso.reloader=true");
  BOOST_TEST(said(rows, "container.delivery") == "ok: secrets on tmpfs: 1");
  BOOST_TEST(said(rows, "container.drift") == "ok: it has the stores' present versions");
  BOOST_TEST(said(rows, "container.rotation") == "ok: no rotation of it has failed lately");
  BOOST_TEST(said(rows, "secret.debounce") == "info: no change is held back");
}

BOOST_AUTO_TEST_CASE(another_agents_container_is_no_fault) {
  auto seen = good();
  api(seen).container.labels.erase("dso.reloader");
  api(seen).container.mounts = {{"bind", "/run/dso-b/secrets/api-1/files-0", "/run/secrets", true}};
  api(seen).delivered.clear();
  const auto rows = doctor_containers(config(), seen);
  BOOST_TEST(said(rows, "container.delivery") == "info: delivered by the agent of /run/dso-b; look there, by DSO_RUN_DIR");
  for (const DoctorRow& row : rows) BOOST_TEST((row.section != "container" || row.level < DoctorLevel::warn), row.found);
  seen.run_dir = "/run/dso-b";
  BOOST_TEST(said(doctor_containers(config(), seen), "container.delivery").starts_with("error: its secrets are not on tmpfs"));
}

BOOST_AUTO_TEST_CASE(targets_that_nobody_is) {
  auto seen = good();
  api(seen).container.name = "app";
  BOOST_TEST(said(doctor_containers(config(), seen), "secret.targets").starts_with("warn: no container matches its targets"));
  auto none = config();
  none.secrets[0].targets = {};
  BOOST_TEST(!there(doctor_containers(none, seen), "secret.targets"));
}

BOOST_AUTO_TEST_CASE(a_target_without_the_label) {
  auto seen = good();
  api(seen).container.labels.erase("dso.reloader");
  BOOST_TEST(said(doctor_containers(config(), seen), "container.label").starts_with("warn: it has no label dso.reloader=true"));
}

BOOST_AUTO_TEST_CASE(labels_that_the_image_has_too) {
  auto seen = good();
  api(seen).container.labels.erase("dso.reloader");
  api(seen).container.image_labels = {"dso.reloader", "maintainer"};
  auto rows = doctor_containers(config(), seen);
  BOOST_TEST(
      said(rows, "container.image_labels")
          .starts_with("warn: its label dso.reloader does not count: its image carries it too | Take them out of the image"));
  BOOST_TEST(said(rows, "container.label").starts_with("warn: it has no label dso.reloader=true"));
  ContainerFacts stranger;  // nothing else is to be said of it
  stranger.container.name = "stranger";
  stranger.container.state = "running";
  stranger.container.image_labels = {"dso.reloader", "dso.secrets"};
  seen.containers = {stranger};
  rows = doctor_containers(config(), seen);
  BOOST_TEST(said(rows, "container.image_labels")
                 .starts_with("warn: its labels dso.reloader, dso.secrets do not count: its image carries them too"));
  BOOST_TEST(!there(rows, "container.label"));
  BOOST_TEST(!there(doctor_containers(config(), good()), "container.image_labels"));
}

BOOST_AUTO_TEST_CASE(labels_that_nobody_knows) {
  auto seen = good();
  BOOST_TEST(!there(doctor_containers(config(), seen), "container.label_names"));
  api(seen).container.labels["dso.stratgy"] = "signal";
  auto rows = doctor_containers(config(), seen);
  BOOST_TEST(said(rows, "container.label_names") ==
             "warn: the label dso.stratgy is none of DSO's, and does nothing | Did you mean 'dso.strategy'?");
  BOOST_TEST(there(rows, "container.drift"));
  ContainerFacts stranger;  // nothing else is to be said of it
  stranger.container.name = "stranger";
  stranger.container.state = "running";
  stranger.container.labels = {{"dso.stratgy", "signal"}};
  seen.containers = {stranger};
  rows = doctor_containers(config(), seen);
  BOOST_TEST(there(rows, "container.label_names"));
  BOOST_TEST(!there(rows, "container.label"));
}

BOOST_AUTO_TEST_CASE(what_was_not_delivered) {
  auto seen = good();
  api(seen).delivered.clear();
  BOOST_TEST(said(doctor_containers(config(), seen), "container.delivery").starts_with("error: its secrets are not on tmpfs"));
  BOOST_TEST(!there(doctor_containers(config(), seen), "container.drift"));
  api(seen).container.mounts.clear();
  BOOST_TEST(said(doctor_containers(config(), seen), "container.delivery") ==
             "warn: 'api' has the label dso.reloader=true, but DSO delivers nothing to it | Start it with `dso run` or `dso up`");
  api(seen).container.labels.clear();
  BOOST_TEST(said(doctor_containers(config(), seen), "container.delivery")
                 .starts_with("warn: 'api' matches targets of the config, but was started without secrets | "));
  api(seen).container.state = "exited";
  BOOST_TEST(said(doctor_containers(config(), seen), "container.delivery") == "info: it does not run");
}

BOOST_AUTO_TEST_CASE(only_root_sees_the_tmpfs) {
  auto seen = good();
  api(seen).delivered.clear();
  api(seen).unreadable = "it needs root";
  BOOST_TEST(said(doctor_containers(config(), seen), "container.delivery") ==
             "info: its files cannot be looked at: it needs root");
}

BOOST_AUTO_TEST_CASE(another_version_for_longer_than_polls_take) {
  BOOST_TEST(drift(behind()).starts_with(
      "warn: 'db': version 1 delivered 10m ago, the store has version 2, though it is polled every 2m | "));
  auto young = behind();
  api(young).delivered[0].delivered[0].delivered_at_ms = kNow - 5 * kMinute;
  BOOST_TEST(drift(young) == "info: 'db': version 1 delivered 5m ago, the store has version 2; polled every 2m");
}

BOOST_AUTO_TEST_CASE(another_version_with_a_reason) {
  auto seen = behind();
  seen.agent->rotating = {"api-1"};
  BOOST_TEST(drift(seen).ends_with("; the agent is at it"));
  seen.agent->failing["api-1"] = 3;
  BOOST_TEST(drift(seen).ends_with("; see container.rotation"));
  seen.agent.reset();
  BOOST_TEST(drift(seen).ends_with("; no agent answers | Start the agent: dso agent"));
  api(seen).delivered[0].refused["default/db"] = "d2";
  BOOST_TEST(drift(seen).ends_with("; held back, since a value was rolled back"));
  auto still = config();
  still.secrets[0].rotation = false;
  BOOST_TEST(drift(behind(), still).ends_with("; it is not to change here"));
}

BOOST_AUTO_TEST_CASE(a_store_that_does_not_say) {
  auto seen = good();
  seen.present.insert_or_assign(db, make_error(ErrorClass::network, "x", "y"));
  BOOST_TEST(drift(seen) == "info: 'db': unknown: Network");
}

BOOST_AUTO_TEST_CASE(a_process_that_was_not_told) {
  auto seen = good();
  api(seen).container.started_at_ms = 1;
  api(seen).container.labels["dso.strategy"] = "restart";
  BOOST_TEST(drift(seen).starts_with("warn: 'db': its file is new, its process was not told | "));
  api(seen).container.labels["dso.strategy"] = "none";
  BOOST_TEST(drift(seen).starts_with("info: "));
}

BOOST_AUTO_TEST_CASE(what_the_agent_says) {
  auto seen = good();
  seen.agent->failing["api-1"] = 3;
  seen.agent->held["default"] = 2;
  const auto rows = doctor_containers(config(), seen);
  BOOST_TEST(said(rows, "container.rotation").starts_with("warn: it keeps the last good value; tries that failed: 3 | "));
  BOOST_TEST(said(rows, "secret.debounce") == "info: changes held back: 2, until quiet for 2s, at most 30s");
  seen.agent.reset();
  BOOST_TEST(!there(doctor_containers(config(), seen), "container.rotation"));
  BOOST_TEST(!there(doctor_containers(config(), seen), "secret.debounce"));
}

BOOST_AUTO_TEST_SUITE_END()
