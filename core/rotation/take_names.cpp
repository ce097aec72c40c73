// An endpoint's aliases cannot be changed: the container leaves the network and comes back with them, before anything reaches it.
#include "rotation/take_names.h"

#include "docker/networks.h"
#include "logic/clone_spec.h"
#include "rotation/wait_good.h"

namespace dso {

Result<void> take_names(const RotationTools& tools, const Container& predecessor, const Container& successor, const Deadline& d,
                        std::stop_token s) {
  DSO_TRY(const InspectedContainer from, tools.engine.inspect_whole(predecessor.id, d, s));
  DSO_TRY(const InspectedContainer to, tools.engine.inspect_whole(successor.id, d, s));
  DSO_TRY(const auto steps, alias_steps({from.container, view(from.text)}, {to.container, view(to.text)}));
  for (const AliasStep& step : steps) {
    auto left = tools.engine.disconnect_network(step.network, successor.id, d, s);
    // Another error: it is not connected, since a killed agent was between the two calls.
    if (left.has_error() && left.error().cls == ErrorClass::engine_unreachable) return left;
    DSO_CHECK(tools.engine.connect_network(step.network, successor.id, step.endpoint, d, s));
  }
  if (steps.empty()) return {};
  return probe_good(tools.engine, successor, d, s);
}

namespace {

Result<std::vector<RedirectFront>> fronts_of(const RotationTools& tools, const Container& from, const Container& to,
                                             const Deadline& d, const std::stop_token& s) {
  DSO_TRY(const Container reached, tools.engine.inspect(to.id, d, s));  // its addresses may be new
  std::vector<NetworkBridge> networks;
  for (const Endpoint& e : reached.endpoints) {
    DSO_TRY(NetworkBridge network, network_bridge(tools.engine, e.network, d, s));
    networks.push_back(std::move(network));
  }
  return redirect_fronts(from, reached, networks);
}

}  // namespace

Result<bool> redirect_on(const RotationTools& tools, const RotationSubject& subject, const Container& from, const Container& to,
                         const Deadline& d, std::stop_token s) {
  DSO_TRY(std::vector<RedirectFront> fronts, fronts_of(tools, from, to, d, s));
  if (fronts.empty()) return false;
  DSO_CHECK(tools.redirects.put({subject.rotation_id, std::move(fronts)}, d));
  return true;
}

Result<bool> redirect_ports_only(const RotationTools& tools, const RotationSubject& subject, const Container& from,
                                 const Container& to, const Deadline& d, std::stop_token s) {
  DSO_TRY(std::vector<RedirectFront> fronts, fronts_of(tools, from, to, d, s));
  std::erase_if(fronts, [](const RedirectFront& f) { return f.host_port == 0; });
  if (fronts.empty()) {
    DSO_CHECK(tools.redirects.remove(subject.rotation_id, d));
    return false;
  }
  DSO_CHECK(tools.redirects.put({subject.rotation_id, std::move(fronts)}, d));
  return true;
}

}  // namespace dso
