// From two containers as the engine shows them to what is redirected between them. Pure.
#include <algorithm>

#include "docker/redirect.h"

namespace dso {
namespace {

using Networks = std::vector<NetworkBridge>;

const NetworkBridge* network_of(const Networks& networks, const Endpoint& e) {
  const auto it = std::find_if(networks.begin(), networks.end(), [&](const NetworkBridge& n) { return n.network == e.network; });
  return it == networks.end() || it->bridge.empty() ? nullptr : &*it;
}

const Endpoint* endpoint_in(const Container& c, const std::string& network) {
  const auto it = std::find_if(c.endpoints.begin(), c.endpoints.end(), [&](const Endpoint& e) { return e.network == network; });
  return it == c.endpoints.end() ? nullptr : &*it;
}

bool publishes_too(const Container& c, const PublishedPort& port) {
  return std::any_of(c.published.begin(), c.published.end(), [&](const PublishedPort& p) {
    return p.protocol == port.protocol && p.container_port == port.container_port;
  });
}

/// The engine publishes a container's ports in one of its networks, and only there does its filter let them in: of those with a
/// way out, the first by name (measured on 20.10; an endpoint's priority is not looked at).
const Endpoint* publishing_endpoint(const Container& c, const Networks& networks, bool v6) {
  const Endpoint* best = nullptr;
  for (const Endpoint& e : c.endpoints) {
    const NetworkBridge* n = network_of(networks, e);
    if (n && !n->internal && !(v6 ? e.ip6 : e.ip).empty() && (!best || e.network < best->network)) best = &e;
  }
  return best;
}

void add_published(std::vector<RedirectFront>& fronts, const Container& from, const Container& to, const Networks& networks,
                   const PublishedPort& port, bool v6) {
  const Endpoint* at = publishing_endpoint(to, networks, v6);
  if (!at) return;
  const Endpoint* old = endpoint_in(from, at->network);
  RedirectFront f;
  f.protocol = port.protocol;
  f.host_ip = port.host_ip;
  f.host_port = port.host_port;
  f.address = old ? (v6 ? old->ip6 : old->ip) : "";
  f.to_address = v6 ? at->ip6 : at->ip;
  f.to_port = port.container_port;
  f.bridge = network_of(networks, *at)->bridge;
  fronts.push_back(std::move(f));
}

void add_address(std::vector<RedirectFront>& fronts, const std::string& address, const std::string& to,
                 const std::string& bridge) {
  if (address.empty() || to.empty() || address == to) return;
  RedirectFront f;
  f.address = address;
  f.to_address = to;
  f.bridge = bridge;
  fronts.push_back(std::move(f));
}

}  // namespace

std::vector<RedirectFront> redirect_fronts(const Container& from, const Container& to, const Networks& networks) {
  std::vector<RedirectFront> fronts;
  for (const PublishedPort& port : from.published) {
    if (port.host_port == 0 || port.host_ip == "::1" || !publishes_too(to, port)) continue;
    if (port.host_ip.find(':') == std::string::npos) add_published(fronts, from, to, networks, port, false);
    if (port.host_ip.empty() || port.host_ip.find(':') != std::string::npos)
      add_published(fronts, from, to, networks, port, true);
  }
  for (const Endpoint& e : from.endpoints) {
    const NetworkBridge* network = network_of(networks, e);
    const Endpoint* peer = endpoint_in(to, e.network);
    if (!network || !peer) continue;
    add_address(fronts, e.ip, peer->ip, network->bridge);
    add_address(fronts, e.ip6, peer->ip6, network->bridge);
  }
  return fronts;
}

}  // namespace dso
