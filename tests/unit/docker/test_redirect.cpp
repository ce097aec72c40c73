// The traffic swap on the engine of this host: two containers, clients in every place that clients are in, each backend.
#include "docker/redirect.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "docker/net_server.h"
#include "docker/redirect_notes.h"
#include "docker/redirect_pair.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(redirect_table)

namespace {

using test::ask;
using test::can_redirect;
using test::connect_from;
using test::kRedirectTools;
using test::NamedServer;
using test::packet_filter;
using test::soon;
using test::who;
using test::who_udp;
using Pair = test::RedirectPair;

BOOST_DATA_TEST_CASE(new_connections_move_and_come_back, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool);
  p.all_get("old");
  const std::vector<std::pair<std::string, std::string>> places = {
      {p.other.ns(), p.other.host()}, {"", p.other.host()}, {"", "127.0.0.1"}};
  std::vector<UniqueFd> to_old, to_new;
  for (const auto& [ns, ip] : places) to_old.push_back(connect_from(ns, ip, p.port));
  for (const UniqueFd& fd : to_old) BOOST_TEST(ask(fd) == "old");

  p.put();
  p.all_get("new");
  for (const UniqueFd& fd : to_old) BOOST_TEST(ask(fd) == "old");
  p.put();  // again: replaced, not doubled
  p.all_get("new");
  BOOST_TEST(route_localnet(p.bridge));
  BOOST_TEST(p.listed());
  for (const auto& [ns, ip] : places) to_new.push_back(connect_from(ns, ip, p.port));
  for (const UniqueFd& fd : to_new) BOOST_TEST(ask(fd) == "new");

  p.withdraw();
  p.all_get("old");
  for (const UniqueFd& fd : to_new) BOOST_TEST(ask(fd) == "new");
  for (const UniqueFd& fd : to_old) BOOST_TEST(ask(fd) == "old");
  BOOST_TEST(p.listed());

  p.put();
  p.all_get("new");
  p.remove();
  p.all_get("old");
  p.remove();
  BOOST_TEST(!route_localnet(p.bridge));
  BOOST_TEST(!p.listed());
  BOOST_TEST(packet_filter().find(p.redirect.rotation_id) == std::string::npos);
}

BOOST_DATA_TEST_CASE(the_old_one_can_be_gone_meanwhile, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool);
  p.all_get("old");  // the neighbour knows the link address by now; nobody would tell it for a container that is gone
  p.put();
  test::shell("docker rm -f " + p.old_one.id);
  p.all_get("new");
}

BOOST_DATA_TEST_CASE(datagrams_too, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool, "-p 0.0.0.0::9000/udp", "-p 127.0.0.1::9000/udp");
  const NamedServer a(Pair::ns_of(p.from), 9000, SOCK_DGRAM, "old"), b(Pair::ns_of(p.to), 9000, SOCK_DGRAM, "new");
  const auto all = [&](const std::string& name) {
    BOOST_TEST(who_udp(p.other.ns(), p.other.host(), p.port) == name);
    BOOST_TEST(who_udp("", p.other.host(), p.port) == name);
    BOOST_TEST(who_udp("", "127.0.0.1", p.port) == name);
    BOOST_TEST(who_udp(p.neighbour_ns, p.from.endpoints[0].ip, 9000) == name);
  };
  all("old");
  p.put();
  all("new");
  // By the engine's proxy the answer came from another address, so that only the redirect can serve these two.
  BOOST_TEST(who_udp(p.neighbour_ns, p.other.host(), p.port) == "new");
  BOOST_TEST(who_udp(p.elsewhere_ns, p.other.host(), p.port) == "new");
  p.remove();
  all("old");
}

/// A client that keeps its socket is a flow that conntrack knows: it stays with the old one, and the engine ends that when it
/// ends the container.
BOOST_DATA_TEST_CASE(a_datagram_flow_moves_when_the_old_one_ends, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool, "-p 0.0.0.0::9000/udp", "-p 127.0.0.1::9000/udp");
  const NamedServer a(Pair::ns_of(p.from), 9000, SOCK_DGRAM, "old"), b(Pair::ns_of(p.to), 9000, SOCK_DGRAM, "new");
  const UniqueFd client = connect_from(p.other.ns(), p.other.host(), p.port, SOCK_DGRAM);
  BOOST_TEST(test::ask_udp(client) == "old");
  p.put();
  BOOST_TEST(test::ask_udp(client) == "old");
  test::shell("docker rm -f " + p.old_one.id);
  BOOST_TEST(test::ask_udp(client) == "new");
}

BOOST_DATA_TEST_CASE(only_the_address_that_was_published, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool, "-p 127.0.0.1::8000");
  BOOST_TEST(who("", "127.0.0.1", p.port) == "old");
  p.put();
  BOOST_TEST(who("", "127.0.0.1", p.port) == "new");
  BOOST_TEST(who("", p.other.host(), p.port) == "");
  BOOST_TEST(who(p.other.ns(), p.other.host(), p.port) == "");
  p.remove();
  BOOST_TEST(who("", "127.0.0.1", p.port) == "old");
}

BOOST_DATA_TEST_CASE(six, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool, "-p 8000", "-p 127.0.0.1::8000",
               "--ipv6 --subnet fd" + random_hex(1) + ":" + random_hex(2) + ":" + random_hex(2) + "::/64");
  BOOST_REQUIRE(!p.to.endpoints[0].ip6.empty());
  // the web server is IPv4 only
  const NamedServer a(Pair::ns_of(p.from), 8000, SOCK_STREAM, "old", true), b(Pair::ns_of(p.to), 8000, SOCK_STREAM, "new", true);
  std::uint16_t port6 = 0;
  for (const RedirectFront& f : p.redirect.fronts)
    if (f.v6() && f.host_port) port6 = f.host_port;
  BOOST_REQUIRE(port6 != 0);
  const std::string old6 = p.from.endpoints[0].ip6;
  BOOST_TEST(who("", old6, 8000) == "old");
  BOOST_TEST(who(p.neighbour_ns, old6, 8000) == "old");
  p.put();
  p.all_get("new");
  BOOST_TEST(who("", old6, 8000) == "new");
  BOOST_TEST(who(p.neighbour_ns, old6, 8000) == "new");
  BOOST_TEST(who(p.other.ns(), p.other.host6(), port6) == "new");
  BOOST_TEST(who("", p.other.host6(), port6) == "new");
  BOOST_TEST(who("", "::1", port6) == "new");  // by the old one's proxy, whose connections are redirected
  BOOST_TEST(who(p.neighbour_ns, p.other.host6(), port6) == "new");
  p.remove();
  BOOST_TEST(who("", old6, 8000) == "old");
  BOOST_TEST(packet_filter().find(p.redirect.rotation_id) == std::string::npos);
}

BOOST_DATA_TEST_CASE(the_hosts_loopback_stays_closed_to_containers, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool);
  const NamedServer secret("/proc/self/ns/net", 47613, SOCK_DGRAM, "secret");
  const std::string gateway = test::shell("docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' " + p.network.name);
  // The neighbour sends what is meant for 127.0.0.1 of the host out by its own interface.
  const std::string enter = "nsenter -n -t " + std::to_string(p.engine.inspect(p.neighbour.id, soon()).value().pid) + " ";
  test::shell(enter + "sysctl -qw net.ipv4.conf.eth0.route_localnet=1; " + enter +
              "ip route del local 127.0.0.0/8 dev lo table local; " + enter +
              "ip route del local 127.0.0.1 dev lo table local; " + enter + "ip route add 127.0.0.0/8 via " + gateway);
  const std::string ns = p.neighbour_ns;
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
  p.put();
  BOOST_TEST(!reached());
  p.withdraw();
  BOOST_TEST(!reached());
}

BOOST_DATA_TEST_CASE(a_port_of_the_loopback_is_not_for_another_machine, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool, "-p 127.0.0.1::8000");
  // The other machine sends what is meant for 127.0.0.1 of this host by the wire.
  const std::string enter = "nsenter --net=" + p.other.ns() + " ";
  test::shell(enter + "sysctl -qw net.ipv4.conf.p0.route_localnet=1; " + enter +
              "ip route del local 127.0.0.0/8 dev lo table local; " + enter +
              "ip route del local 127.0.0.1 dev lo table local; " + enter + "ip route add 127.0.0.0/8 via " + p.other.host());
  p.put();
  BOOST_TEST(who("", "127.0.0.1", p.port) == "new");
  // (The engine before version 28 leads such packets to the old one by a rule of its own.)
  BOOST_TEST(who(p.other.ns(), "127.0.0.1", p.port) != "new");
}

BOOST_AUTO_TEST_CASE(route_localnet_is_kept_for_others_and_for_who_set_it) {
  if (!can_redirect("nft")) return;
  const Pair p("nft");
  Redirect second = p.redirect;
  second.rotation_id = random_hex(8);
  p.put();
  BOOST_REQUIRE(p.table.put(second, soon()).has_value());
  p.remove();
  BOOST_TEST(route_localnet(p.bridge));
  BOOST_TEST(who("", "127.0.0.1", p.port) == "new");
  BOOST_REQUIRE(p.table.remove(second.rotation_id, soon()).has_value());
  BOOST_TEST(!route_localnet(p.bridge));

  BOOST_REQUIRE(set_route_localnet(p.bridge, true).has_value());
  p.put();
  p.remove();
  BOOST_TEST(route_localnet(p.bridge));
}

/// What a killed agent may leave, each step of put() on its own.
BOOST_DATA_TEST_CASE(what_is_half_done_is_found_and_removed, boost::unit_test::data::make(kRedirectTools), tool) {
  if (!can_redirect(tool)) return;
  const Pair p(tool);
  const RedirectNotes notes(p.state.path);
  const auto clean = [&] {
    return !p.listed() && !route_localnet(p.bridge) && packet_filter().find(p.redirect.rotation_id) == std::string::npos;
  };
  BOOST_TEST(clean());
  // the note alone
  BOOST_REQUIRE(notes.lock(soon()).has_value());
  BOOST_REQUIRE(notes.write(p.redirect.rotation_id, {p.bridge}).has_value());
  BOOST_TEST(p.listed());
  p.remove();
  BOOST_TEST(clean());
  // note, guard, route_localnet: as after withdraw()
  p.put();
  p.withdraw();
  BOOST_TEST(p.listed());
  BOOST_TEST(route_localnet(p.bridge));
  p.put();  // a put() that goes on from there
  p.all_get("new");
  p.remove();
  BOOST_TEST(clean());
  // the rules without a note
  p.put();
  BOOST_REQUIRE(set_route_localnet(p.bridge, false).has_value());
  BOOST_REQUIRE(notes.erase(p.redirect.rotation_id).has_value());
  BOOST_TEST(!p.listed());  // to this state dir they are another agent's
  p.remove();
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
