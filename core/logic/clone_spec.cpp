// The inspect's Config and HostConfig become the create call's body whole, so that a member that this code has never heard of is
// kept; then come the exceptions. All of it in wiping memory: Config.Env is there.
#include "logic/clone_spec.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "logic/clone_mounts.h"
#include "logic/clone_network.h"
#include "logic/compose_override.h"
#include "logic/container_spec.h"
#include "logic/docker_json.h"
#include "logic/docker_tree.h"
#include "logic/json_steps.h"
#include "logic/secret_json_text.h"

namespace dso {
namespace {

namespace json = boost::json;
using namespace json_steps;

constexpr std::pair kManyEndpoints{1, 44};  ///< From here on create takes every network, and a MAC address belongs to one.

Error impossible(const Container& c, std::string cause) {
  return make_error(ErrorClass::invalid_request, "Cannot clone container '" + c.name + "'", std::move(cause));
}

json::array list_of(const std::vector<std::string>& texts, const json::storage_ptr& storage) {
  json::array out(storage);
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

/// What the engine filled in for this one container, or refuses to be told.
void drop_what_was_given(json::object& config, json::object& host, const Container& c) {
  const bool shares_network = c.network_mode.starts_with("container:");
  if (shares_network || text_in(host, "UTSMode") == "host" || text_in(config, "Hostname") == std::string_view(c.id).substr(0, 12))
    config.erase("Hostname");
  if (shares_network) {
    config.erase("Domainname");
    config.erase("ExposedPorts");  // the image's; one cannot ask for them, and gets them again
  }
  host["ContainerIDFile"] = "";
}

/// No entrypoint (it was taken away) is said by [""]: an absent one would be the image's again.
Result<void> set_start(json::object& config, const Container& c, bool shim) {
  StartCommand start{c.entrypoint, c.command};
  if (shim) {
    DSO_TRY(start, with_shim(start));
    if (json::object* check = object_in(config, "Healthcheck"))
      (*check)["Test"] = list_of(shimmed_health_test(c.healthcheck.test), config.storage());
  }
  if (start.entrypoint.empty()) start.entrypoint = {""};
  config["Entrypoint"] = list_of(start.entrypoint, config.storage());
  return {};
}

bool mac_of_endpoint(json::object& config, const std::string& first, const CloneRequest& request) {
  return request.api >= kManyEndpoints && !first.empty() && !text_in(config, "MacAddress").empty() &&
         (request.as == CloneAs::final || request.as == CloneAs::sole);
}

/// The engine gives a container each label of its image that the create call does not name. An origin may be the image's, so the
/// one that goes is named, and empty: the MAC is over what the container then has.
void set_labels(json::object& config, const CloneRequest& request, const json::object& origin) {
  json::object& labels = object_made(config, "Labels");
  if (labels.contains(label::kOrigin)) labels[label::kOrigin] = "";
  labels.erase(label::kNotesMac);
  if (!origin.empty()) labels[label::kOrigin] = json::serialize(origin);
  if (!request.scope_id.empty()) labels[label::kScope] = request.scope_id;
  for (const auto& [name, value] : request.labels) {
    if (value.empty())
      labels.erase(name);
    else
      labels[name] = value;
  }
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : labels)
    if (value.is_string()) all.emplace(std::string(name), std::string(text_of(value)));
  if (const std::string mac = request.sign ? request.sign(all) : ""; !mac.empty()) labels[label::kNotesMac] = mac;
}

/// A MAC address is there only if the user asked for it, and two containers in a network cannot have it at once. From API 1.44
/// on it belongs to an endpoint and is taken at creation alone: one that left its network to come back with its aliases would
/// have lost it, so there the aliases are given at once.
void set_mac_address(json::object& config, json::object& networks, const std::string& first, const CloneRequest& request) {
  const std::string mac(text_in(config, "MacAddress"));
  if (mac.empty() || request.as == CloneAs::candidate || request.as == CloneAs::stand_in) {
    config.erase("MacAddress");
  } else if (mac_of_endpoint(config, first, request)) {
    config.erase("MacAddress");
    json::object& endpoint = object_made(networks, first);
    endpoint["MacAddress"] = mac;
    if (const auto service = request.labels.find(label::kService); has_names(first) && service != request.labels.end())
      add_alias(array_made(endpoint, "Aliases"), service->second);
  }
}

void set_networks(json::object& body, json::object& networks, const std::string& first, const CloneRequest& request,
                  CloneSpec& spec) {
  json::object endpoints(body.storage());
  for (auto& [name, value] : networks) {
    json::object& settings = value.as_object();
    if (!has_names({name.data(), name.size()}) && name != "bridge") continue;
    if (name == first && name == "bridge" && settings.empty()) continue;  // it comes without being asked for
    if (name == first || request.api >= kManyEndpoints)
      endpoints[name] = std::move(settings);
    else
      spec.networks.emplace_back(name, json::serialize(settings));
  }
  if (!endpoints.empty()) object_made(body, "NetworkingConfig")["EndpointsConfig"] = std::move(endpoints);
}

/// Engines with images of several platforms tell which one it is (API 1.48 on); of the others an image's id is of one.
std::string platform_of(json::object& whole) {
  json::object* const image = object_in(whole, "ImageManifestDescriptor");
  const json::object* const p = image ? object_in(*image, "platform") : nullptr;
  if (!p || text_in(*p, "os").empty() || text_in(*p, "architecture").empty()) return {};
  std::string out = std::string(text_in(*p, "os")) + "/" + std::string(text_in(*p, "architecture"));
  if (const auto variant = text_in(*p, "variant"); !variant.empty()) out += "/" + std::string(variant);
  return out;
}

}  // namespace

Result<CloneSpec> clone_spec(const SeenContainer& from, const CloneRequest& request) {
  const Container& c = from.container;
  const std::string_view inspect = from.inspect;
  docker_tree::WipedTree tree(inspect.size());
  DSO_TRY(json::value root, docker_tree::parse_json(inspect, tree.storage()));
  if (!root.is_object()) return impossible(c, "the engine does not tell what it is");
  json::object& whole = root.get_object();
  json::object* const config = object_in(whole, "Config");
  json::object* const host = object_in(whole, "HostConfig");
  if (!config || !host) return impossible(c, "the engine does not tell how it was created");
  if (c.image_id.empty()) return impossible(c, "the engine does not tell its image");

  DSO_TRY(json::object networks, asked_networks(whole, c));
  DSO_CHECK(restore_origin(c, *config, *host, networks));
  DSO_CHECK(keep_port_numbers(c, request.stand_in_origin, *host));
  json::object origin(tree.storage());
  if (request.as == CloneAs::stand_in) take_origin(*config, *host, networks, origin);
  const std::string first = first_network(c, networks);
  if (request.as != CloneAs::sole)
    hold_back_aliases(networks, origin, mac_of_endpoint(*config, first, request) ? first : std::string());

  replace_scope_mounts(*host, c, request.mounts, request.scope_id);
  if (const json::array* mounts = array_in(whole, "Mounts")) keep_anonymous_volumes(*host, *mounts, c.id);
  const bool shim =
      std::any_of(request.mounts.begin(), request.mounts.end(), [](const ScopeMount& m) { return m.container_path == kShim; });
  DSO_CHECK(set_start(*config, c, shim));
  drop_what_was_given(*config, *host, c);
  (*config)["Image"] = request.image_by_name && !c.image.empty() ? c.image : c.image_id;
  set_labels(*config, request, origin);

  CloneSpec spec;
  spec.platform = platform_of(whole);
  if (has_names(first)) (*host)["NetworkMode"] = first;
  set_mac_address(*config, networks, first, request);
  json::object body = std::move(*config);
  body["HostConfig"] = std::move(*host);
  set_networks(body, networks, first, request, spec);
  spec.body = secret_json_text(body);
  return spec;
}

}  // namespace dso
