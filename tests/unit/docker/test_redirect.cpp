// The traffic swap on the engine of this host: two containers, clients in every place that clients are in, each backend.
#include "docker/redirect.h"

#include <sys/wait.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>

#include "base/temp_folder.h"
#include "docker/net_server.h"
#include "docker/networks.h"
#include "docker/redirect_notes.h"
#include "docker/run_tool.h"

namespace dso {
namespace {

using namespace std::chrono_literals;
using test::ask;
using test::connect_from;
using test::NamedServer;
using test::OtherHost;
using test::RealContainer;
using test::RealNetwork;
using test::who;
using test::who_udp;
using Tool = RedirectTable::Tool;

Deadline soon() {
  return Deadline::in(60s);
}

const char* const kEvery[] = {"nft", "iptables", "iptables-legacy"};
Tool tool_of(const std::string& name) {
  return name == "nft" ? Tool::nft : name == "iptables" ? Tool::iptables : Tool::iptables_legacy;
}
bool usable(const std::string& name) {
  const bool there = test::engine_answers() && geteuid() == 0 && !find_tool(name == "nft" ? "nft" : name + "-save").empty();
  if (!there) BOOST_TEST_MESSAGE("skipped: no engine, not root, or no " << name);
  return there;
}

std::string rules() {
  return test::shell("nft list tables; iptables-save; iptables-legacy-save; ip6tables-save 2>/dev/null");
}

/// The container that gives up its traffic, the one that takes it, and a third beside them.
class Pair {
 public:
  explicit Pair(const std::string& tool, const std::string& old_ports = "-p 0.0.0.0::8000",
                const std::string& new_ports = "-p 127.0.0.1::8000", const std::string& network_options = "")
      : network(network_options),
        old_one("--network " + network.name + " " + old_ports + " -e SHOW=WHO -e WHO=old dso-test/web:1"),
        new_one("--network " + network.name + " " + new_ports + " -e SHOW=WHO -e WHO=new dso-test/web:1"),
        neighbour("--network " + network.name + " dso-test/busybox:1 sleep 600"),
        engine(Engine::from_environment().value()),
        from(engine.inspect(old_one.id, soon()).value()),
        to(engine.inspect(new_one.id, soon()).value()),
        table(state.path, tool_of(tool)) {
    bridge = bridge_of_network(engine, network.name, soon()).value();
    redirect = {random_hex(8), redirect_fronts(from, to, {{network.name, bridge}})};
    port = from.published.empty() ? 0 : from.published[0].host_port;
    for (const Container* c : {&from, &to})
      for (int i = 0; who("", c->endpoints[0].ip, 8000).empty() && i < 500; ++i) usleep(10'000);  // until it listens
  }
  ~Pair() {
    auto gone = table.remove(redirect.rotation_id, soon());
    BOOST_TEST(gone.has_value());
  }

  std::string ns_of(const Container& c) const { return "/proc/" + std::to_string(c.pid) + "/ns/net"; }
  std::string ns_of_neighbour() const { return ns_of(engine.inspect(neighbour.id, soon()).value()); }

  RealNetwork network;
  RealContainer old_one, new_one, neighbour;
  Engine engine;
  Container from, to;
  test::TempFolder state;
  RedirectTable table;
  Redirect redirect;
  std::string bridge;
  std::uint16_t port = 0;
  OtherHost other;
};

void put(const Pair& p) {
  const auto begin = std::chrono::steady_clock::now();
  auto r = p.table.put(p.redirect, soon());
  const auto took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  BOOST_REQUIRE_MESSAGE(r.has_value(), (r.has_error() ? render(r.error()) : ""));
  BOOST_TEST_MESSAGE("put: " << took << " ms");
}
void remove(const Pair& p) {
  const auto begin = std::chrono::steady_clock::now();
  auto r = p.table.remove(p.redirect.rotation_id, soon());
  const auto took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  BOOST_REQUIRE_MESSAGE(r.has_value(), (r.has_error() ? render(r.error()) : ""));
  BOOST_TEST_MESSAGE("remove: " << took << " ms");
}

void all_get(const Pair& p, const std::string& name) {
  BOOST_TEST(who(p.other.ns(), p.other.host(), p.port) == name);  // another machine
  BOOST_TEST(who("", p.other.host(), p.port) == name);            // the host by its address
  BOOST_TEST(who("", "127.0.0.1", p.port) == name);               // and by the loopback
  BOOST_TEST(who("", "127.0.0.7", p.port) == name);
  BOOST_TEST(who("", p.from.endpoints[0].ip, 8000) == name);  // the host by the container's address
  BOOST_TEST(who(p.ns_of_neighbour(), p.from.endpoints[0].ip, 8000) == name);
  BOOST_TEST(who(p.ns_of_neighbour(), p.other.host(), p.port) == name);  // a neighbour by the published port
}

BOOST_AUTO_TEST_SUITE(redirect_table)

BOOST_DATA_TEST_CASE(new_connections_move_and_come_back, boost::unit_test::data::make(kEvery), tool) {
  if (!usable(tool)) return;
  const Pair p(tool);
  const std::string before = rules();
  all_get(p, "old");
  const std::vector<std::pair<std::string, std::string>> places = {
      {p.other.ns(), p.other.host()}, {"", p.other.host()}, {"", "127.0.0.1"}};
  std::vector<UniqueFd> to_old, to_new;
  for (const auto& [ns, ip] : places) to_old.push_back(connect_from(ns, ip, p.port));
  for (const UniqueFd& fd : to_old) BOOST_TEST(ask(fd) == "old");

  put(p);
  all_get(p, "new");
  for (const UniqueFd& fd : to_old) BOOST_TEST(ask(fd) == "old");
  put(p);  // again: replaced, not doubled
  all_get(p, "new");
  BOOST_TEST(route_localnet(p.bridge));
  BOOST_TEST((p.table.list(soon()).value() == std::vector{p.redirect.rotation_id}));
  for (const auto& [ns, ip] : places) to_new.push_back(connect_from(ns, ip, p.port));
  for (const UniqueFd& fd : to_new) BOOST_TEST(ask(fd) == "new");

  BOOST_TEST(p.table.withdraw(p.redirect.rotation_id, soon()).has_value());
  all_get(p, "old");
  for (const UniqueFd& fd : to_new) BOOST_TEST(ask(fd) == "new");
  for (const UniqueFd& fd : to_old) BOOST_TEST(ask(fd) == "old");
  BOOST_TEST((p.table.list(soon()).value() == std::vector{p.redirect.rotation_id}));

  put(p);
  all_get(p, "new");
  remove(p);
  all_get(p, "old");
  remove(p);
  BOOST_TEST(!route_localnet(p.bridge));
  BOOST_TEST(p.table.list(soon()).value().empty());
  BOOST_TEST(rules().find(p.redirect.rotation_id) == std::string::npos);
}

BOOST_DATA_TEST_CASE(the_old_one_can_be_gone_meanwhile, boost::unit_test::data::make(kEvery), tool) {
  if (!usable(tool)) return;
  const Pair p(tool);
  all_get(p, "old");  // the neighbour knows the link address by now; nobody would tell it for a container that is gone
  put(p);
  test::shell("docker rm -f " + p.old_one.id);
  all_get(p, "new");
}

BOOST_DATA_TEST_CASE(datagrams_too, boost::unit_test::data::make(kEvery), tool) {
  if (!usable(tool)) return;
  const Pair p(tool, "-p 0.0.0.0::9000/udp", "-p 127.0.0.1::9000/udp");
  const NamedServer a(p.ns_of(p.from), 9000, SOCK_DGRAM, "old"), b(p.ns_of(p.to), 9000, SOCK_DGRAM, "new");
  const auto all = [&](const std::string& name) {
    BOOST_TEST(who_udp(p.other.ns(), p.other.host(), p.port) == name);
    BOOST_TEST(who_udp("", p.other.host(), p.port) == name);
    BOOST_TEST(who_udp("", "127.0.0.1", p.port) == name);
    BOOST_TEST(who_udp(p.ns_of_neighbour(), p.from.endpoints[0].ip, 9000) == name);
  };
  all("old");
  put(p);
  all("new");
  // By the engine's proxy the answer came from another address, so that only the redirect can serve this one.
  BOOST_TEST(who_udp(p.ns_of_neighbour(), p.other.host(), p.port) == "new");
  remove(p);
  all("old");
}

BOOST_DATA_TEST_CASE(only_the_address_that_was_published, boost::unit_test::data::make(kEvery), tool) {
  if (!usable(tool)) return;
  const Pair p(tool, "-p 127.0.0.1::8000");
  BOOST_TEST(who("", "127.0.0.1", p.port) == "old");
  put(p);
  BOOST_TEST(who("", "127.0.0.1", p.port) == "new");
  BOOST_TEST(who("", p.other.host(), p.port) == "");
  BOOST_TEST(who(p.other.ns(), p.other.host(), p.port) == "");
  remove(p);
  BOOST_TEST(who("", "127.0.0.1", p.port) == "old");
}

BOOST_DATA_TEST_CASE(six, boost::unit_test::data::make(kEvery), tool) {
  if (!usable(tool)) return;
  const Pair p(tool, "-p 8000", "-p 127.0.0.1::8000",
               "--ipv6 --subnet fd" + random_hex(1) + ":" + random_hex(2) + ":" + random_hex(2) + "::/64");
  BOOST_REQUIRE(!p.to.endpoints[0].ip6.empty());
  // the web server is IPv4 only
  const NamedServer a(p.ns_of(p.from), 8000, SOCK_STREAM, "old", true), b(p.ns_of(p.to), 8000, SOCK_STREAM, "new", true);
  std::uint16_t port6 = 0;
  for (const RedirectFront& f : p.redirect.fronts)
    if (f.v6() && f.host_port) port6 = f.host_port;
  BOOST_REQUIRE(port6 != 0);
  const std::string old6 = p.from.endpoints[0].ip6;
  BOOST_TEST(who("", old6, 8000) == "old");
  BOOST_TEST(who(p.ns_of_neighbour(), old6, 8000) == "old");
  put(p);
  all_get(p, "new");
  BOOST_TEST(who("", old6, 8000) == "new");
  BOOST_TEST(who(p.ns_of_neighbour(), old6, 8000) == "new");
  BOOST_TEST(who(p.other.ns(), p.other.host6(), port6) == "new");
  BOOST_TEST(who("", p.other.host6(), port6) == "new");
  BOOST_TEST(who("", "::1", port6) == "new");  // by the old one's proxy, whose connections are redirected
  BOOST_TEST(who(p.ns_of_neighbour(), p.other.host6(), port6) == "new");
  remove(p);
  BOOST_TEST(who("", old6, 8000) == "old");
  BOOST_TEST(rules().find(p.redirect.rotation_id) == std::string::npos);
}

BOOST_DATA_TEST_CASE(the_hosts_loopback_stays_closed_to_containers, boost::unit_test::data::make(kEvery), tool) {
  if (!usable(tool)) return;
  const Pair p(tool);
  const NamedServer secret("/proc/self/ns/net", 47613, SOCK_DGRAM, "secret");
  const std::string gateway = test::shell("docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' " + p.network.name);
  // The neighbour sends what is meant for 127.0.0.1 of the host out by its own interface.
  const std::string enter = "nsenter -n -t " + std::to_string(p.engine.inspect(p.neighbour.id, soon()).value().pid) + " ";
  test::shell(enter + "sysctl -qw net.ipv4.conf.eth0.route_localnet=1; " + enter +
              "ip route del local 127.0.0.0/8 dev lo table local; " + enter +
              "ip route del local 127.0.0.1 dev lo table local; " + enter + "ip route add 127.0.0.0/8 via " + gateway);
  const std::string ns = p.ns_of_neighbour();
  // Whether the first of two datagrams on one way comes in; the second is allowed, and so the wait ends.
  const auto reached = [&] {
    const int before = secret.received();
    const UniqueFd fd = connect_from(ns, "127.0.0.1", 47613, SOCK_DGRAM);
    BOOST_TEST(send(fd.get(), "?", 1, MSG_NOSIGNAL) == 1);
    BOOST_TEST(who_udp(ns, gateway, 47613) == "secret");
    return secret.received() == before + 2;
  };
  BOOST_TEST(!reached());
  BOOST_REQUIRE(set_route_localnet(p.bridge, true).has_value());
  BOOST_TEST(reached());  // so the way is real
  BOOST_REQUIRE(set_route_localnet(p.bridge, false).has_value());
  put(p);
  BOOST_TEST(!reached());
  BOOST_TEST(p.table.withdraw(p.redirect.rotation_id, soon()).has_value());
  BOOST_TEST(!reached());
}

BOOST_AUTO_TEST_CASE(route_localnet_is_kept_for_others_and_for_who_set_it) {
  if (!usable("nft")) return;
  const Pair p("nft");
  Redirect second = p.redirect;
  second.rotation_id = random_hex(8);
  put(p);
  BOOST_REQUIRE(p.table.put(second, soon()).has_value());
  remove(p);
  BOOST_TEST(route_localnet(p.bridge));
  BOOST_TEST(who("", "127.0.0.1", p.port) == "new");
  BOOST_REQUIRE(p.table.remove(second.rotation_id, soon()).has_value());
  BOOST_TEST(!route_localnet(p.bridge));

  BOOST_REQUIRE(set_route_localnet(p.bridge, true).has_value());
  put(p);
  remove(p);
  BOOST_TEST(route_localnet(p.bridge));
}

/// What a killed agent may leave, each step of put() on its own.
BOOST_DATA_TEST_CASE(what_is_half_done_is_found_and_removed, boost::unit_test::data::make(kEvery), tool) {
  if (!usable(tool)) return;
  const Pair p(tool);
  const RedirectNotes notes(p.state.path);
  const auto found = [&] { return p.table.list(soon()).value() == std::vector{p.redirect.rotation_id}; };
  const auto clean = [&] {
    return p.table.list(soon()).value().empty() && !route_localnet(p.bridge) &&
           rules().find(p.redirect.rotation_id) == std::string::npos;
  };
  BOOST_TEST(clean());
  // the note alone
  BOOST_REQUIRE(notes.lock(soon()).has_value());
  BOOST_REQUIRE(notes.write(p.redirect.rotation_id, {p.bridge}).has_value());
  BOOST_TEST(found());
  remove(p);
  BOOST_TEST(clean());
  // note, guard, route_localnet: as after withdraw()
  put(p);
  BOOST_REQUIRE(p.table.withdraw(p.redirect.rotation_id, soon()).has_value());
  BOOST_TEST(found());
  BOOST_TEST(route_localnet(p.bridge));
  put(p);  // a put() that goes on from there
  all_get(p, "new");
  remove(p);
  BOOST_TEST(clean());
  // the rules without a note
  put(p);
  BOOST_REQUIRE(set_route_localnet(p.bridge, false).has_value());
  BOOST_REQUIRE(notes.erase(p.redirect.rotation_id).has_value());
  BOOST_TEST(found());
  remove(p);
  BOOST_TEST(clean());
}

BOOST_AUTO_TEST_CASE(what_is_no_address_never_reaches_a_rule) {
  const test::TempFolder state;
  const RedirectTable table(state.path);
  RedirectFront f;
  f.host_port = 80, f.to_address = "10.0.0.2", f.bridge = "br-1\" accept; #";
  auto r = table.put({"0123456789abcdef", {f}}, soon());
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::invalid_request));
  BOOST_TEST((table.remove("../x", soon()).error().cls == ErrorClass::invalid_request));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace
}  // namespace dso
