// Which names a container must answer to once it serves, and where. The engine has no call that adds an alias: the container is
// taken out of the network and put back with it, so only where something is missing.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "logic/clone_network.h"
#include "logic/clone_spec.h"
#include "logic/docker_json.h"
#include "logic/docker_tree.h"
#include "logic/json_steps.h"
#include "logic/rotation_names.h"

namespace dso {
namespace {

namespace json = boost::json;
using namespace json_steps;

/// An inspect with what this needs of it.
struct Seen {
  const Container& c;
  docker_tree::WipedTree tree;
  json::value root;
  json::object networks;  ///< As asked for.

  explicit Seen(const SeenContainer& of) : c(of.container), tree(of.inspect.size()) {}
};

Result<std::unique_ptr<Seen>> see(const SeenContainer& of) {
  auto out = std::make_unique<Seen>(of);
  DSO_TRY(out->root, docker_tree::parse_json(of.inspect, out->tree.storage()));
  if (!out->root.is_object()) return docker_tree::malformed("it is not an object");
  DSO_TRY(out->networks, asked_networks(out->root.get_object(), out->c));
  return out;
}

/// The name that the service has when all is done. One that is set aside may have no label that tells it; its successor has.
std::string service_name(const Container& from, const Container& to) {
  for (const Container* c : {&from, &to}) {
    std::string service = c->label_or(label::kService);
    if (!service.empty() && (from.name == candidate_name(service) || from.name == old_name(service))) return service;
  }
  return from.name;
}

/// Those that the engine has now, unlike the asked ones.
const Endpoint* endpoint_of(const Container& c, std::string_view network) {
  const auto found =
      std::find_if(c.endpoints.begin(), c.endpoints.end(), [&](const Endpoint& e) { return e.network == network; });
  return found == c.endpoints.end() ? nullptr : &*found;
}

std::vector<std::string> aliases_in(json::object& networks, std::string_view network) {
  std::vector<std::string> out;
  json::object* const settings = object_in(networks, network);
  if (json::array* list = settings ? array_in(*settings, "Aliases") : nullptr)
    for (const json::value& alias : *list) out.emplace_back(text_of(alias));
  return out;
}

/// The user's, of the network that the container was created in.
std::string mac_address(Seen& to, std::string_view network) {
  json::object* const config = object_in(to.root.as_object(), "Config");
  return config && network == first_network(to.c, to.networks) ? std::string(text_in(*config, "MacAddress")) : std::string();
}

void add_missing(std::vector<std::string>& to, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
}

}  // namespace

Result<std::vector<AliasStep>> alias_steps(const SeenContainer& service, const SeenContainer& candidate) {
  DSO_TRY(const std::unique_ptr<Seen> from, see(service));
  DSO_TRY(const std::unique_ptr<Seen> to, see(candidate));
  std::vector<AliasStep> out;
  for (const auto& entry : from->networks) {
    const std::string network(entry.key());
    if (!has_names(network)) continue;
    std::vector<std::string> wanted = aliases_in(from->networks, network);
    add_missing(wanted, {service_name(from->c, to->c)});
    const Endpoint* const now = endpoint_of(to->c, network);
    const std::vector<std::string> has = now ? now->aliases : std::vector<std::string>();
    const auto missing = [&](const std::string& name) { return std::find(has.begin(), has.end(), name) == has.end(); };
    if (std::none_of(wanted.begin(), wanted.end(), missing)) continue;
    add_missing(wanted, has);
    json::object& endpoint = object_made(to->networks, network);
    // One that leaves its network has lost it. Engines that cannot take it here (moby pull request 52040) read over it.
    if (const std::string mac = mac_address(*to, network); !mac.empty()) endpoint["MacAddress"] = mac;
    json::array& aliases = array_made(endpoint, "Aliases");
    aliases.clear();
    for (const std::string& alias : wanted) aliases.emplace_back(alias);
    out.push_back({network, json::serialize(endpoint)});
  }
  return out;
}

}  // namespace dso
