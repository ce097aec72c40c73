// Which of a container's ways in another one takes over, from containers made by hand; and bridges' names.
#include <boost/test/unit_test.hpp>

#include "docker/net_client.h"
#include "docker/networks.h"
#include "docker/redirect.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(redirect_from_containers)

namespace {

Container container(const std::string& ip, const std::string& ip6, std::vector<PublishedPort> ports) {
  Container c;
  Endpoint e;
  e.network = "web", e.ip = ip, e.ip6 = ip6;
  c.endpoints = {e};
  c.published = std::move(ports);
  return c;
}
const std::vector<NetworkBridge> kBridges = {{"web", "br-1"}, {"db", "br-2"}};
std::string text(const std::vector<RedirectFront>& fronts) {
  std::string all;
  for (const RedirectFront& f : fronts)
    all += f.protocol + " " + f.host_ip + ":" + std::to_string(f.host_port) + " " + f.address + " > " + f.to_address + ":" +
           std::to_string(f.to_port) + " " + f.bridge + "\n";
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(ports_and_addresses) {
  const Container from =
      container("10.0.0.2", "fd00::2", {{"tcp", 8000, "0.0.0.0", 80}, {"tcp", 8000, "::", 81}, {"udp", 53, "192.0.2.1", 53}});
  const Container to = container("10.0.0.3", "fd00::3", {{"tcp", 8000, "127.0.0.1", 32768}, {"udp", 53, "127.0.0.1", 32769}});
  BOOST_TEST(text(redirect_fronts(from, to, kBridges)) ==
             "tcp 0.0.0.0:80 10.0.0.2 > 10.0.0.3:8000 br-1\n"
             "tcp :::81 fd00::2 > fd00::3:8000 br-1\n"
             "udp 192.0.2.1:53 10.0.0.2 > 10.0.0.3:53 br-1\n"
             "tcp :0 10.0.0.2 > 10.0.0.3:0 br-1\n"
             "tcp :0 fd00::2 > fd00::3:0 br-1\n");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_taken_over_is_left_out) {
  const Container from = container("10.0.0.2", "", {{"tcp", 8000, "::", 80}, {"tcp", 9000, "", 90}, {"tcp", 8000, "::1", 82}});
  const Container to = container("10.0.0.3", "", {{"tcp", 8000, "127.0.0.1", 32768}});
  BOOST_TEST(text(redirect_fronts(from, to, kBridges)) == "tcp :0 10.0.0.2 > 10.0.0.3:0 br-1\n");  // no IPv6, no port 9000
  BOOST_TEST(redirect_fronts(from, to, std::vector<NetworkBridge>()).empty());                     // no bridge known
  BOOST_TEST(redirect_fronts(from, Container(), kBridges).empty());
}

BOOST_AUTO_TEST_CASE(several_networks) {
  Container from = container("10.0.0.2", "", {{"tcp", 8000, "0.0.0.0", 80}}), to = container("10.0.0.3", "", from.published);
  Endpoint e;
  e.network = "db", e.ip = "10.1.0.2";
  from.endpoints.push_back(e);
  BOOST_TEST(text(redirect_fronts(from, to, kBridges)) ==
             "tcp 0.0.0.0:80 10.0.0.2 > 10.0.0.3:8000 br-1\ntcp :0 10.0.0.2 > 10.0.0.3:0 br-1\n");
  e.ip = "10.1.0.3";
  to.endpoints.push_back(e);
  BOOST_TEST(text(redirect_fronts(from, to, kBridges)) ==
             "tcp 0.0.0.0:80 10.1.0.2 > 10.1.0.3:8000 br-2\ntcp :0 10.0.0.2 > 10.0.0.3:0 br-1\n"
             "tcp :0 10.1.0.2 > 10.1.0.3:0 br-2\n");
  // the engine publishes in none without a way out
  BOOST_TEST(text(redirect_fronts(from, to, std::vector<NetworkBridge>{{"web", "br-1"}, {"db", "br-2", true}}))
                 .starts_with("tcp 0.0.0.0:80 10.0.0.2 > 10.0.0.3:8000 br-1\n"));
}

BOOST_AUTO_TEST_CASE(bridge_names) {
  BOOST_TEST(parse_network_bridge(R"({"Id":"0123456789abcdef","Driver":"bridge","Options":{}})").value().bridge ==
             "br-0123456789ab");
  BOOST_TEST(parse_network_bridge(R"({"Id":"0123456789abcdef","Driver":"bridge","Options":null})").value().bridge ==
             "br-0123456789ab");
  BOOST_TEST(parse_network_bridge(
                 R"({"Id":"0123456789abcdef","Driver":"bridge","Options":{"com.docker.network.bridge.name":"docker0"}})")
                 .value()
                 .bridge == "docker0");
  BOOST_TEST(parse_network_bridge(R"({"Id":"0123456789abcdef","Driver":"overlay"})").value().bridge == "");
  for (const char* bad : {"", "[]", R"({"Driver":"bridge"})", R"({"Id":7,"Driver":"bridge"})"})
    BOOST_TEST(parse_network_bridge(bad).has_error(), bad);
}

BOOST_AUTO_TEST_CASE(bridges_of_this_engine) {
  if (!test::engine_answers()) return;
  const Deadline d = Deadline::in(std::chrono::seconds(30));
  const Engine engine = Engine::from_environment().value();
  const test::RealNetwork network("--internal"), named("-o com.docker.network.bridge.name=dsou" + random_hex(4));
  BOOST_TEST(network_bridge(engine, "bridge", d).value().bridge == "docker0");
  for (const std::string& by : {network.name, network.id})
    BOOST_TEST(test::shell("ls /sys/class/net").find(network_bridge(engine, by, d).value().bridge) != std::string::npos);
  BOOST_TEST(network_bridge(engine, named.name, d).value().bridge.starts_with("dsou"));
  BOOST_TEST(network_bridge(engine, network.id, d).value().internal);
  BOOST_TEST(network_bridge(engine, network.id, d).value().network == network.name);
  BOOST_TEST(!network_bridge(engine, named.name, d).value().internal);
  BOOST_TEST(network_bridge(engine, "host", d).value().bridge == "");
  BOOST_TEST((network_bridge(engine, "dso-unit-none", d).error().cls == ErrorClass::not_found));
  BOOST_TEST((network_bridge(engine, "../x", d).error().cls == ErrorClass::invalid_request));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
