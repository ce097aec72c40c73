// Two containers that change places on the engine of this host, with clients around them.
#pragma once
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "base/temp_folder.h"
#include "docker/net_client.h"
#include "docker/networks.h"
#include "docker/redirect.h"
#include "docker/run_tool.h"
#include "docker/soon.h"

namespace dso::test {

inline const char* const kRedirectTools[] = {"nft", "iptables", "iptables-legacy"};
inline RedirectTable::Tool redirect_tool(const std::string& name) {
  using Tool = RedirectTable::Tool;
  return name == "nft" ? Tool::nft : name == "iptables" ? Tool::iptables : Tool::iptables_legacy;
}
inline bool can_redirect(const std::string& name) {
  const bool there = engine_answers() && geteuid() == 0 && !find_tool(name == "nft" ? "nft" : name + "-save").empty();
  if (!there) BOOST_TEST_MESSAGE("skipped: no engine, not root, or no " << name);
  return there;
}
/// Everything in the packet filter that could be ours.
inline std::string packet_filter() {
  return shell("nft list tables; (iptables-save; iptables-legacy-save; ip6tables-save; ip6tables-legacy-save) 2>/dev/null");
}

/// The container that gives up its traffic, the one that takes it, a neighbour beside them, and a container in another network
/// of the engine.
class RedirectPair {
 public:
  explicit RedirectPair(const std::string& tool, const std::string& old_ports = "-p 0.0.0.0::8000",
                        const std::string& new_ports = "-p 127.0.0.1::8000", const std::string& network_options = "")
      : network(network_options),
        old_one("--network " + network.name + " " + old_ports + " --no-healthcheck -e SHOW=WHO -e WHO=old dso-test/web:1"),
        new_one("--network " + network.name + " " + new_ports + " --no-healthcheck -e SHOW=WHO -e WHO=new dso-test/web:1"),
        neighbour("--network " + network.name + " dso-test/busybox:1 sleep 600"),
        elsewhere("dso-test/busybox:1 sleep 600"),
        engine(Engine::from_environment().value()),
        from(engine.inspect(old_one.id, soon()).value()),
        to(engine.inspect(new_one.id, soon()).value()),
        table(state.path, redirect_tool(tool)) {
    const NetworkBridge both_in = network_bridge(engine, network.name, soon()).value();
    bridge = both_in.bridge;
    redirect = {random_hex(8), redirect_fronts(from, to, {both_in})};
    port = from.published.empty() ? 0 : from.published[0].host_port;
    neighbour_ns = ns_of(engine.inspect(neighbour.id, soon()).value());
    elsewhere_ns = ns_of(engine.inspect(elsewhere.id, soon()).value());
    wait_until_it_listens(from);
    wait_until_it_listens(to);
  }
  ~RedirectPair() { BOOST_TEST(table.remove(redirect.rotation_id, soon()).has_value()); }
  RedirectPair(const RedirectPair&) = delete;
  RedirectPair& operator=(const RedirectPair&) = delete;

  static std::string ns_of(const Container& c) { return "/proc/" + std::to_string(c.pid) + "/ns/net"; }
  /// Asked from within: its address may be one that is redirected to another.
  static void wait_until_it_listens(const Container& c) {
    for (int i = 0; who(ns_of(c), "127.0.0.1", 8000).empty() && i < 500; ++i) usleep(10'000);
  }

  void put() const {
    timed("put", [this] { return table.put(redirect, soon()); });
  }
  void withdraw() const {
    timed("withdraw", [this] { return table.withdraw(redirect.rotation_id, soon()); });
  }
  void remove() const {
    timed("remove", [this] { return table.remove(redirect.rotation_id, soon()); });
  }
  /// Others may rotate on this host at the same time.
  bool listed() const {
    const auto all = table.list();
    return std::count(all.begin(), all.end(), redirect.rotation_id) == 1;
  }

  /// Clients in every place that clients are in.
  void all_get(const std::string& name) const {
    BOOST_TEST(who(other.ns(), other.host(), port) == name);  // another machine
    BOOST_TEST(who("", other.host(), port) == name);          // the host by its address
    BOOST_TEST(who("", "127.0.0.1", port) == name);           // and by the loopback
    BOOST_TEST(who("", "127.0.0.7", port) == name);
    BOOST_TEST(who("", from.endpoints[0].ip, 8000) == name);  // the host by the container's address
    BOOST_TEST(who(neighbour_ns, from.endpoints[0].ip, 8000) == name);
    BOOST_TEST(who(neighbour_ns, other.host(), port) == name);  // a neighbour by the published port
    BOOST_TEST(who(elsewhere_ns, other.host(), port) == name);  // a container in another network
  }

  RealNetwork network;
  RealContainer old_one, new_one, neighbour, elsewhere;
  Engine engine;
  Container from, to;
  TempFolder state;
  RedirectTable table;
  Redirect redirect;
  std::string bridge, neighbour_ns, elsewhere_ns;
  std::uint16_t port = 0;
  OtherHost other;

 private:
  template <class F>
  static void timed(const char* name, F f) {
    const auto begin = std::chrono::steady_clock::now();
    auto r = f();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    BOOST_TEST_MESSAGE(name << ": " << took.count() << " ms");
    BOOST_REQUIRE_MESSAGE(r.has_value(), (r.has_error() ? render(r.error()) : ""));
  }
};

}  // namespace dso::test
