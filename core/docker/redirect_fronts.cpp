// From two containers as the engine shows them to what is redirected between them. Pure.
#include <algorithm>

#include "docker/redirect.h"

namespace dso {
namespace {

using Bridges = std::vector<std::pair<std::string, std::string>>;

std::string bridge_for(const Bridges& bridges, const std::string& network) {
  const auto it = std::find_if(bridges.begin(), bridges.end(), [&](const auto& b) { return b.first == network; });
  return it == bridges.end() ? std::string() : it->second;
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

/// The engine publishes a container's ports in one of its networks: of equal ones, the first by name.
const Endpoint* publishing_endpoint(const Container& c, const Bridges& bridges, bool v6) {
  const Endpoint* best = nullptr;
  for (const Endpoint& e : c.endpoints)
    if (!(v6 ? e.ip6 : e.ip).empty() && !bridge_for(bridges, e.network).empty() && (!best || e.network < best->network))
      best = &e;
  return best;
}

void add_published(std::vector<RedirectFront>& fronts, const Container& from, const Container& to, const Bridges& bridges,
                   const PublishedPort& port, bool v6) {
  const Endpoint* at = publishing_endpoint(to, bridges, v6);
  if (!at) return;
  const Endpoint* old = endpoint_in(from, at->network);
  RedirectFront f;
  f.protocol = port.protocol;
  f.host_ip = port.host_ip;
  f.host_port = port.host_port;
  f.address = old ? (v6 ? old->ip6 : old->ip) : "";
  f.to_address = v6 ? at->ip6 : at->ip;
  f.to_port = port.container_port;
  f.bridge = bridge_for(bridges, at->network);
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

std::vector<RedirectFront> redirect_fronts(const Container& from, const Container& to, const Bridges& bridges) {
  std::vector<RedirectFront> fronts;
  for (const PublishedPort& port : from.published) {
    if (port.host_port == 0 || port.host_ip == "::1" || !publishes_too(to, port)) continue;
    if (port.host_ip.find(':') == std::string::npos) add_published(fronts, from, to, bridges, port, false);
    if (port.host_ip.empty() || port.host_ip.find(':') != std::string::npos) add_published(fronts, from, to, bridges, port, true);
  }
  for (const Endpoint& e : from.endpoints) {
    const std::string bridge = bridge_for(bridges, e.network);
    const Endpoint* peer = endpoint_in(to, e.network);
    if (bridge.empty() || !peer) continue;
    add_address(fronts, e.ip, peer->ip, bridge);
    add_address(fronts, e.ip6, peer->ip6, bridge);
  }
  return fronts;
}

}  // namespace dso
