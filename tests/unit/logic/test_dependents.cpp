// Who stands on a container, in which order they are restarted after it, and what speaks against touching it.
#include "logic/dependents.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

BOOST_AUTO_TEST_SUITE(dependents)

namespace {

using Tie = Dependent::Tie;

Container container(const std::string& name, const std::string& state = "running") {
  Container c;
  c.name = name;
  c.id = "id-of-" + name;
  c.state = state;
  c.started_at_ms = 1'000'000;
  return c;
}

Container guest(const std::string& name, const std::string& of) {
  Container c = container(name);
  c.network_mode = "container:id-of-" + of;
  return c;
}

Container service(const std::string& name, const std::string& depends_on = {}) {
  Container c = container(name);
  c.labels[label::kComposeProject] = "shop";
  c.labels[label::kComposeService] = name;
  if (!depends_on.empty()) c.labels[label::kComposeDependsOn] = depends_on;
  return c;
}

std::string names(const std::vector<Dependent>& all) {
  std::string out;
  for (const Dependent& d : all) out += (out.empty() ? "" : " ") + d.name;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(who_stands_on_nobody_could_not_start_again) {
  Container c = guest("g", "hub");
  c.pid_mode = "container:p";
  c.ipc_mode = "shareable";
  c.links = {"/db:/g/alias"};
  BOOST_REQUIRE(hosts_of(c).size() == 2u);  // a link counts in the default network alone
  BOOST_TEST((hosts_of(c)[0].whom == "id-of-hub" && hosts_of(c)[0].tie == Tie::network));
  BOOST_TEST((hosts_of(c)[1].whom == "p" && hosts_of(c)[1].tie == Tie::pid));
  for (const char* mode : {"", "default", "bridge"}) {
    c.network_mode = mode;
    BOOST_REQUIRE(hosts_of(c).size() == 2u);
    BOOST_TEST((hosts_of(c)[1].whom == "db" && hosts_of(c)[1].tie == Tie::link));
  }
  c.network_mode = "mine";
  BOOST_TEST(hosts_of(c).size() == 1u);
  const Host host{"id-of-hub", Tie::network};
  for (const char* state : {"running", "paused"}) {
    const Container seen = container("hub", state);
    BOOST_TEST(missing_host(host, &seen) == "");
  }
  const Container stopped = container("hub", "exited");
  BOOST_TEST(missing_host(host, &stopped) ==
             "it has the network of 'hub', which does not run, so it could not be started again; start 'hub' first");
  BOOST_TEST(
      missing_host({"0123456789abcdef", Tie::ipc}, nullptr) ==
      "it has the shared memory (ipc namespace) of '0123456789ab', which is gone, so it could not be started again; create "
      "both anew");
}

BOOST_AUTO_TEST_CASE(each_kind_of_tie) {
  const Container hub = container("hub");
  Container by_pid = container("p"), by_ipc = container("i"), by_link = container("l"), by_name = container("n");
  by_pid.pid_mode = "container:id-of-hub";
  by_ipc.ipc_mode = "container:id-of-hub";
  by_link.links = {"/hub:/l/db"};
  by_name.network_mode = "container:hub";
  const auto found =
      dependents_of(hub, {hub, guest("g", "hub"), by_pid, by_ipc, by_link, by_name, guest("x", "other"), container("y")});
  BOOST_TEST(names(found) == "g p i l n");
  BOOST_TEST((found[1].tie == Tie::pid && found[2].tie == Tie::ipc && found[3].tie == Tie::link && found[4].tie == Tie::network));
  BOOST_TEST(tie_text(found[0]) == "'g' has the network of 'hub'");
  for (const Container& c : {guest("g", "hub"), by_pid, by_ipc, by_link, service("s", "hub:service_started:true")})
    BOOST_TEST(has_ties(c), c.name);
  for (const Container& c : {hub, service("s"), service("s", "hub:service_started:false")}) BOOST_TEST(!has_ties(c), c.name);
}

BOOST_AUTO_TEST_CASE(a_namespace_of_who_is_replaced_cannot_be_made_whole) {
  const auto found = dependents_of(container("hub"), {guest("g", "hub")});
  BOOST_TEST(replace_obstacle(found) ==
             "'g' has the network of 'hub', so it could not be started again without that very container");
  Container linked = container("l");
  linked.links = {"/hub:/l/db"};
  BOOST_TEST(!replace_obstacle(dependents_of(container("hub"), {linked})).empty());
  BOOST_TEST(restart_obstacle(dependents_of(container("hub"), {linked})).empty());
  BOOST_TEST(replace_obstacle({}).empty());
}

BOOST_AUTO_TEST_CASE(who_may_be_restarted) {
  Container opted_in = guest("g", "hub");
  opted_in.labels[label::kReloader] = "true";
  BOOST_TEST(restart_obstacle(dependents_of(container("hub"), {opted_in})).empty());
  BOOST_TEST(names(to_restart(dependents_of(container("hub"), {opted_in}))) == "g");
  const auto stranger = dependents_of(container("hub"), {guest("g", "hub")});
  BOOST_TEST(restart_obstacle(stranger).starts_with("'g' has the network of 'hub', would lose it"));
  BOOST_TEST(to_restart(stranger).empty());
  opted_in.state = "paused";
  BOOST_TEST(!restart_obstacle(dependents_of(container("hub"), {opted_in})).empty());
  Container same = service("worker"), of = service("hub");
  same.network_mode = "container:id-of-hub";
  BOOST_TEST(restart_obstacle(dependents_of(of, {same})).empty());
  same.labels[label::kComposeProject] = "another";
  BOOST_TEST(!restart_obstacle(dependents_of(of, {same})).empty());
}

BOOST_AUTO_TEST_CASE(by_compose_in_order) {
  const Container db = service("db");
  const Container api = service("api", "db:service_healthy:true,cache:service_started:false");
  const Container web = service("web", "api:service_started:true,db:service_started:true");
  const Container other = service("other", "db:service_healthy:false");
  BOOST_TEST(names(dependents_of(db, {web, other, api})) == "api web");
  Container elsewhere = api;
  elsewhere.id = "x";
  elsewhere.labels[label::kComposeProject] = "another";
  BOOST_TEST(dependents_of(db, {elsewhere}).empty());
  // who goes on after one that is restarted is found too, whatever ties them
  Container helper = service("helper");
  helper.pid_mode = "container:id-of-api";
  BOOST_TEST(names(dependents_of(db, {helper, web, api})) == "api web helper");
  BOOST_TEST(replace_obstacle(dependents_of(db, {api, web})).empty());
  BOOST_TEST(replace_obstacle(dependents_of(db, {helper, web, api})).empty(), "api is restarted, not replaced");
  BOOST_TEST(!replace_obstacle(dependents_of(api, {helper, web})).empty());
  // a circle ends
  BOOST_TEST(names(dependents_of(db, {service("a", "db:x:true,b:x:true"), service("b", "a:x:true")})) == "a b");
  BOOST_TEST(dependents_of(db, {db}).empty());
}

BOOST_AUTO_TEST_CASE(who_does_not_run) {
  for (const char* state : {"created", "exited", "dead"}) {
    Container g = guest("g", "hub");
    g.state = state;
    BOOST_TEST(dependents_of(container("hub"), {g}).empty(), state);
  }
  Container looping = guest("g", "hub");
  looping.state = "restarting";
  BOOST_TEST(names(dependents_of(container("hub"), {looping})) == "g");
  // its processes ended with those that it shared
  Container died = container("p", "exited");
  died.pid_mode = "container:id-of-hub";
  died.exit_code = 137;
  died.finished_at_ms = 999'000;
  BOOST_TEST(names(dependents_of(container("hub"), {died})) == "p");
  died.finished_at_ms = 100'000;
  BOOST_TEST(dependents_of(container("hub"), {died}).empty());
  died.finished_at_ms = 999'000;
  died.exit_code = 0;
  BOOST_TEST(dependents_of(container("hub"), {died}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
