// The rules as text: every front has its line, repeating replaces, and nothing odd gets into a line. What the kernel makes of
// them is for tests/unit/docker/test_redirect.cpp.
#include "logic/redirect_rules.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(redirect_rules)

namespace {

const char* const kId = "0123456789abcdef";

RedirectFront published(const std::string& host_ip, std::uint16_t port) {
  RedirectFront f;
  f.host_ip = host_ip, f.host_port = port, f.address = "172.18.0.2", f.to_address = "172.18.0.3", f.to_port = 8000;
  f.bridge = "br-1", f.bridge_subnet = "172.18.0.0/16";
  return f;
}
RedirectFront address(const std::string& old, const std::string& to) {
  RedirectFront f;
  f.address = old, f.to_address = to, f.bridge = "br-1";
  return f;
}
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(names) {
  BOOST_TEST(redirect_name(kId) == "dso_0123456789abcdef");
  BOOST_TEST(rotation_of("dso_0123456789abcdef") == kId);
  BOOST_TEST(rotation_of("dso_0123456789abcdef_guard") == kId);
  BOOST_TEST((redirect_name(kId) + "_guard").size() <= 28u);  // iptables allows no longer chain names
  for (const char* other : {"", "dso_", "nat", "dso_0123456789abcde", "dso_0123456789abcdeg", "dso_0123456789abcdef0",
                            "xdso_0123456789abcdef", "DSO_0123456789abcdef"})
    BOOST_TEST(rotation_of(other) == "", other);
}

BOOST_AUTO_TEST_CASE(the_whole_nft_transaction) {
  BOOST_TEST(nft_add({kId, {published("0.0.0.0", 80), address("172.18.0.2", "172.18.0.3")}}) ==
             "add table ip dso_0123456789abcdef\n"
             "delete table ip dso_0123456789abcdef\n"
             "table ip dso_0123456789abcdef {\n"
             "  chain guard {\n"
             "    type filter hook prerouting priority -300; policy accept;\n"
             "    iifname \"br-1\" ip daddr 127.0.0.0/8 drop\n"
             "    iifname \"br-1\" ip saddr 127.0.0.0/8 drop\n"
             "  }\n"
             "  chain prerouting {\n"
             "    type nat hook prerouting priority -101; policy accept;\n"
             "    fib daddr type local tcp dport 80 dnat to 172.18.0.3:8000\n"
             "    ip daddr 172.18.0.2 meta l4proto { tcp, udp } dnat to 172.18.0.3\n"
             "  }\n"
             "  chain output {\n"
             "    type nat hook output priority -101; policy accept;\n"
             "    fib daddr type local tcp dport 80 dnat to 172.18.0.3:8000\n"
             "    ip daddr 172.18.0.2 meta l4proto { tcp, udp } dnat to 172.18.0.3\n"
             "  }\n"
             "  chain postrouting {\n"
             "    type nat hook postrouting priority 99; policy accept;\n"
             "    ip saddr 127.0.0.0/8 ip daddr 172.18.0.3 tcp dport 8000 ct status dnat masquerade\n"
             "    ip saddr 172.18.0.0/16 ip daddr 172.18.0.3 tcp dport 8000 ct status dnat ct original ip daddr != 172.18.0.2 "
             "masquerade\n"
             "  }\n"
             "}\n");
}

BOOST_AUTO_TEST_CASE(one_address_of_the_host_and_the_loopback) {
  const std::string one = nft_add({kId, {published("192.0.2.2", 80)}});
  BOOST_TEST(has(one, "    ip daddr 192.0.2.2 tcp dport 80 dnat to 172.18.0.3:8000\n"));
  BOOST_TEST(!has(one, "127.0.0.0"));  // no route_localnet, no guard
  BOOST_TEST(!has(one, "fib"));
  BOOST_TEST(loopback_bridges({kId, {published("192.0.2.2", 80)}}).empty());
  for (const char* ip : {"", "0.0.0.0", "127.0.0.1"}) {
    const Redirect redirect{kId, {published(ip, 80), published(ip, 81)}};
    BOOST_TEST((loopback_bridges(redirect) == std::vector<std::string>{"br-1"}));
    BOOST_TEST(has(nft_add(redirect), "ip saddr 127.0.0.0/8 ip daddr 172.18.0.3"));
  }
  BOOST_TEST(loopback_bridges({kId, {address("172.18.0.2", "172.18.0.3")}}).empty());
}

BOOST_AUTO_TEST_CASE(what_is_published_on_the_loopback_is_not_for_packets_from_a_network) {
  for (const char* ip : {"127.0.0.1", "127.0.0.53", "127.255.255.254"}) {
    const Redirect redirect{kId, {published(ip, 80), address("172.18.0.2", "172.18.0.3")}};
    const std::string nft = nft_add(redirect), rule = "ip daddr " + std::string(ip) + " tcp dport 80 dnat to 172.18.0.3:8000\n";
    const std::size_t before = nft.find("chain prerouting {"), output = nft.find("chain output {");
    BOOST_TEST(!has(nft.substr(before, output - before), ip));
    BOOST_TEST(has(nft.substr(before, output - before), "ip daddr 172.18.0.2 meta"), "its own address is served as ever");
    BOOST_TEST(has(nft.substr(output), rule));
    const std::string chains = iptables_add(redirect, false, "");
    BOOST_TEST(has(chains, "-A dso_0123456789abcdef_host -d " + std::string(ip) + " -p tcp"));
    BOOST_TEST(has(chains, "-I OUTPUT -j dso_0123456789abcdef_host\n"));
    BOOST_TEST(!has(chains, "-I PREROUTING -j dso_0123456789abcdef_host\n"));
    BOOST_TEST(!has(chains, "_dnat -d " + std::string(ip)));
  }
  BOOST_TEST(!has(iptables_add({kId, {published("0.0.0.0", 80)}}, false, ""), "_host"));
  const std::string now =
      "*nat\n:OUTPUT ACCEPT [0:0]\n:dso_0123456789abcdef_host - [0:0]\n-A OUTPUT -j dso_0123456789abcdef_host\nCOMMIT\n";
  BOOST_TEST(iptables_withdraw(kId, now) ==
             "*nat\n-D OUTPUT -j dso_0123456789abcdef_host\n-F dso_0123456789abcdef_host\n"
             "-X dso_0123456789abcdef_host\nCOMMIT\n");
  RedirectFront six = published("::1", 80);
  six.address = "fd00::2", six.to_address = "fd00::3", six.bridge_subnet = "";
  BOOST_TEST(is_for_the_host_alone(six));
  BOOST_TEST(!is_for_the_host_alone(published("192.0.2.2", 80)));
  BOOST_TEST(!is_for_the_host_alone(address("172.18.0.2", "172.18.0.3")));
}

BOOST_AUTO_TEST_CASE(six_has_a_table_of_its_own) {
  RedirectFront f = published("::", 80);
  f.address = "fd00::2", f.to_address = "fd00::3", f.bridge_subnet = "fd00::/64", f.protocol = "udp";
  const std::string text = nft_add({kId, {f, address("fd00::2", "fd00::3")}});
  BOOST_TEST(has(text, "table ip6 dso_0123456789abcdef {"));
  BOOST_TEST(!has(text, "table ip dso_0123456789abcdef {"));
  BOOST_TEST(has(text, "ip6 daddr != ::1 fib daddr type local udp dport 80 dnat to [fd00::3]:8000\n"));
  BOOST_TEST(has(text, "ip6 daddr fd00::2 meta l4proto { tcp, udp } dnat to fd00::3\n"));
  BOOST_TEST(!has(nft_add({kId, {published("", 80)}}), "ip6"));
  BOOST_TEST(has(iptables_add({kId, {f}}, true, ""),
                 "! -d ::1 -m addrtype --dst-type LOCAL -p udp -m udp --dport 80 -j DNAT --to-destination [fd00::3]:8000\n"));
  BOOST_TEST(iptables_add({kId, {f}}, false, "") == "");
}

BOOST_AUTO_TEST_CASE(removing_is_valid_whatever_is_there) {
  BOOST_TEST(nft_remove(kId) ==
             "add table ip dso_0123456789abcdef\ndelete table ip dso_0123456789abcdef\n"
             "add table ip6 dso_0123456789abcdef\ndelete table ip6 dso_0123456789abcdef\n");
  BOOST_TEST(nft_guard(kId, {}) == nft_remove(kId));
  BOOST_TEST(has(nft_guard(kId, {"docker0"}), "iifname \"docker0\" ip daddr 127.0.0.0/8 drop"));
  BOOST_TEST(!has(nft_guard(kId, {"docker0"}), "nat"));
}

BOOST_AUTO_TEST_CASE(iptables_once_however_often) {
  const Redirect redirect{kId, {published("0.0.0.0", 80), address("172.18.0.2", "172.18.0.3")}};
  const std::string first = iptables_add(redirect, false, "");
  BOOST_TEST(first ==
             "*nat\n"
             ":dso_0123456789abcdef_dnat - [0:0]\n"
             ":dso_0123456789abcdef_snat - [0:0]\n"
             "-A dso_0123456789abcdef_dnat -m addrtype --dst-type LOCAL -p tcp -m tcp --dport 80 -j DNAT --to-destination "
             "172.18.0.3:8000\n"
             "-A dso_0123456789abcdef_dnat -d 172.18.0.2 -p tcp -j DNAT --to-destination 172.18.0.3\n"
             "-A dso_0123456789abcdef_dnat -d 172.18.0.2 -p udp -j DNAT --to-destination 172.18.0.3\n"
             "-A dso_0123456789abcdef_snat -s 127.0.0.0/8 -d 172.18.0.3 -p tcp -m tcp --dport 8000 -m conntrack --ctstate DNAT "
             "-j MASQUERADE\n"
             "-A dso_0123456789abcdef_snat -s 172.18.0.0/16 -d 172.18.0.3 -p tcp -m tcp --dport 8000 -m conntrack --ctstate DNAT "
             "! --ctorigdst 172.18.0.2 -j MASQUERADE\n"
             "-I PREROUTING -j dso_0123456789abcdef_dnat\n"
             "-I OUTPUT -j dso_0123456789abcdef_dnat\n"
             "-I POSTROUTING -j dso_0123456789abcdef_snat\n"
             "COMMIT\n");
  const std::string now =
      "# comment\n*raw\n:PREROUTING ACCEPT [0:0]\n:dso_0123456789abcdef_guard - [0:0]\n"
      "-A PREROUTING -j dso_0123456789abcdef_guard\nCOMMIT\n"
      "*nat\n:PREROUTING ACCEPT [0:0]\n:dso_0123456789abcdef_dnat - [0:0]\n:dso_0123456789abcdef_snat - [0:0]\n"
      "-A PREROUTING -j dso_0123456789abcdef_dnat\n-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\nCOMMIT\n";
  const std::string again = iptables_add(redirect, false, now);
  BOOST_TEST(has(again, "-D PREROUTING -j dso_0123456789abcdef_dnat\n"));
  BOOST_TEST(!has(again, "-D OUTPUT"));  // what is not there cannot be taken out: the whole would be refused
  BOOST_TEST(again.find("-D PREROUTING") < again.find("-I PREROUTING"));

  BOOST_TEST(iptables_withdraw(kId, now) ==
             "*nat\n-D PREROUTING -j dso_0123456789abcdef_dnat\n-F dso_0123456789abcdef_dnat\n-X dso_0123456789abcdef_dnat\n"
             "-F dso_0123456789abcdef_snat\n-X dso_0123456789abcdef_snat\nCOMMIT\n");
  BOOST_TEST(iptables_remove(kId, now) == iptables_withdraw(kId, now) +
                                              "*raw\n-D PREROUTING -j dso_0123456789abcdef_guard\n-F dso_0123456789abcdef_guard\n"
                                              "-X dso_0123456789abcdef_guard\nCOMMIT\n");
  BOOST_TEST(iptables_remove("1123456789abcdef", now) == "");
  BOOST_TEST(iptables_remove(kId, "") == "");
  BOOST_TEST(
      iptables_guard(kId, {"br-1"}, "") ==
      "*raw\n:dso_0123456789abcdef_guard - [0:0]\n-A dso_0123456789abcdef_guard -i br-1 -d 127.0.0.0/8 -j DROP\n"
      "-A dso_0123456789abcdef_guard -i br-1 -s 127.0.0.0/8 -j DROP\n-I PREROUTING -j dso_0123456789abcdef_guard\nCOMMIT\n");
  BOOST_TEST(has(iptables_guard(kId, {"br-1"}, now), "-D PREROUTING -j dso_0123456789abcdef_guard\n-I PREROUTING"));
}

BOOST_AUTO_TEST_CASE(from_another_network_of_the_engine) {
  const Redirect redirect{kId, {published("0.0.0.0", 80), address("172.18.0.2", "172.18.0.3")}};
  const std::string none = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
  const std::string engines = "*filter\n:DOCKER-ISOLATION-STAGE-1 - [0:0]\n-A DOCKER-ISOLATION-STAGE-1 -j RETURN\n";
  BOOST_TEST(isolation_pass(redirect, false, "") == "");
  BOOST_TEST(isolation_pass(redirect, false, none) == "");
  BOOST_TEST(isolation_pass(redirect, true, engines + "COMMIT\n") == "");
  const std::string passed = isolation_pass(redirect, false, engines + "COMMIT\n");
  const std::string rest = " -m conntrack --ctstate DNAT -m comment --comment dso_0123456789abcdef -j RETURN\n";
  BOOST_TEST(passed == "*filter\n-I DOCKER-ISOLATION-STAGE-1 -d 172.18.0.3 -p tcp -m tcp --dport 8000" + rest +
                           "-I DOCKER-ISOLATION-STAGE-1 -s 172.18.0.3 -p tcp -m tcp --sport 8000" + rest + "COMMIT\n");
  // taken out by the very lines that iptables-save prints; another rotation's stay
  const std::string ours = "DOCKER-ISOLATION-STAGE-1 -d 172.18.0.3/32 -p tcp -m tcp --dport 8000" + rest;
  const std::string now =
      engines + "-A " + ours +
      "-A DOCKER-ISOLATION-STAGE-1 -d 172.18.0.9/32 -m comment --comment dso_1123456789abcdef -j RETURN\nCOMMIT\n";
  BOOST_TEST(isolation_whole(kId, now) == "*filter\n-D " + ours + "COMMIT\n");
  BOOST_TEST(isolation_whole("2123456789abcdef", now) == "");
  BOOST_TEST(isolation_pass(redirect, false, now).starts_with("*filter\n-D " + ours + "-I "));
}

BOOST_AUTO_TEST_CASE(nothing_odd_gets_into_a_line) {
  BOOST_TEST(redirect_problem({kId, {published("0.0.0.0", 80), address("fd00::2", "fd00::3")}}) == "");
  const auto problem = [](const std::function<void(RedirectFront&)>& spoil) {
    RedirectFront f = published("", 80);
    spoil(f);
    return redirect_problem({kId, {f}});
  };
  BOOST_TEST(problem([](RedirectFront& f) { f.protocol = "icmp"; }) == "protocol 'icmp'");
  BOOST_TEST(problem([](RedirectFront& f) { f.to_address = ""; }) == "stand-in's address ''");
  BOOST_TEST(problem([](RedirectFront& f) { f.to_address = "10.0.0.1\n"; }) != "");
  BOOST_TEST(problem([](RedirectFront& f) { f.address = "fd00::2"; }) == "address 'fd00::2'");
  BOOST_TEST(problem([](RedirectFront& f) { f.host_ip = "localhost"; }) == "host address 'localhost'");
  BOOST_TEST(problem([](RedirectFront& f) { f.bridge = "br\" drop"; }) != "");
  BOOST_TEST(problem([](RedirectFront& f) { f.bridge = ""; }) != "");
  BOOST_TEST(problem([](RedirectFront& f) { f.bridge_subnet = "10.0.0.0/33"; }) != "");
  BOOST_TEST(problem([](RedirectFront& f) { f.host_port = 0, f.address = ""; }) == "address ''");
  BOOST_TEST(redirect_problem({"0123", {}}) == "rotation id '0123'");
  BOOST_TEST(redirect_problem({"0123456789abcde;", {}}) != "");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
