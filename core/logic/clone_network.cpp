// dso.origin: {"PortBindings", "PublishAllPorts", "RestartPolicy", "AutoRemove", "MacAddress", "Networks": {name: {"IPAMConfig",
// "Aliases"}}}. Names, numbers and policies only; nothing of a container's environment can get there.
#include "logic/clone_network.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

#include "logic/json_steps.h"

namespace dso {
namespace {

namespace json = boost::json;
using namespace json_steps;

/// What an engine adds to an endpoint, beside the address.
constexpr std::array kRuntime = {"NetworkID",   "EndpointID",  "Gateway",           "IPAddress",
                                 "IPPrefixLen", "IPv6Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen",
                                 "MacAddress",  "DNSNames"};
constexpr std::array kHostMembers = {"PortBindings", "PublishAllPorts", "RestartPolicy", "AutoRemove"};

Result<json::object> parse_origin(const Container& c, std::string_view text) {
  boost::system::error_code ec;
  json::value v = json::parse(sv(text), ec);
  if (ec || !v.is_object())
    return make_error(ErrorClass::invalid_request, "Cannot clone container '" + c.name + "'",
                      std::string("its label ") + label::kOrigin + " is damaged",
                      "Create the container anew, with 'docker compose up' or 'docker run'.");
  return std::move(v.get_object());
}

/// The label as JSON; nothing where there is none.
Result<json::object> origin_of(const Container& c) {
  const std::string text = c.label_or(label::kOrigin);
  if (text.empty()) return json::object();
  return parse_origin(c, text);
}

std::string taken_number(std::vector<PublishedPort>& left, std::string_view key, std::string_view address) {
  const auto it = std::find_if(left.begin(), left.end(), [&](const PublishedPort& p) {
    return std::to_string(p.container_port) + "/" + p.protocol == key && p.host_ip == address;
  });
  if (it == left.end()) return {};
  std::string out = std::to_string(it->host_port);
  left.erase(it);
  return out;
}

/// The engine binds "" for both families, with one number or (before 23) with two: those are two bindings then, into `more`.
void take_number(std::vector<PublishedPort>& left, std::string_view key, json::object& binding, json::array& more) {
  const std::string_view wanted = text_in(binding, "HostPort");
  const std::string ip(text_in(binding, "HostIp"));
  if (!wanted.empty() && wanted != "0" && wanted.find('-') == std::string_view::npos) return;
  const std::string first = taken_number(left, key, ip.empty() ? "0.0.0.0" : ip);
  const std::string second = ip.empty() ? taken_number(left, key, "::") : std::string();
  if (!first.empty() || !second.empty()) binding["HostPort"] = first.empty() ? second : first;
  if (first.empty() || second.empty() || first == second) return;
  binding["HostIp"] = "0.0.0.0";
  more.push_back(json::object{{"HostIp", "::"}, {"HostPort", second}});
}

/// Of one port of the container.
void take_numbers(std::vector<PublishedPort>& left, std::string_view key, json::array& bindings) {
  json::array more(bindings.storage());
  for (json::value& v : bindings)
    if (json::object* binding = v.if_object()) take_number(left, key, *binding, more);
  bindings.insert(bindings.end(), more.begin(), more.end());
}

void copy_member(const json::object& from, json::object& to, const char* key) {
  if (const json::value* v = from.if_contains(key)) to[key] = *v;
}

}  // namespace

void add_alias(json::array& aliases, std::string_view alias) {
  const auto same = [&](const json::value& v) { return text_of(v) == alias; };
  if (std::none_of(aliases.begin(), aliases.end(), same)) aliases.emplace_back(sv(alias));
}

bool has_names(std::string_view network) {
  return !network.empty() && network != "bridge" && network != "default" && network != "host" && network != "none";
}

Result<json::object> asked_networks(json::object& whole, const Container& c) {
  DSO_TRY(json::object origin, origin_of(c));
  json::object* const held = object_in(origin, "Networks");
  json::object out(whole.storage());
  json::object* const settings = object_in(whole, "NetworkSettings");
  json::object* const networks = settings ? object_in(*settings, "Networks") : nullptr;
  if (!networks) return out;
  for (const auto& [name, value] : *networks) {
    json::object asked(whole.storage());
    if (const json::object* given = value.if_object())
      for (const auto& [key, member] : *given)
        if (!member.is_null() && std::find(kRuntime.begin(), kRuntime.end(), key) == kRuntime.end()) asked[key] = member;
    json::array aliases(whole.storage());
    const auto add_all = [&](json::object* from) {
      if (json::array* list = from ? array_in(*from, "Aliases") : nullptr)
        for (const json::value& alias : *list)
          if (text_of(alias) != std::string_view(c.id).substr(0, 12)) add_alias(aliases, text_of(alias));
    };
    add_all(&asked);
    add_all(held ? object_in(*held, {name.data(), name.size()}) : nullptr);
    asked.erase("Aliases");
    if (!aliases.empty() && has_names({name.data(), name.size()})) asked["Aliases"] = std::move(aliases);
    out[name] = std::move(asked);
  }
  return out;
}

Result<void> restore_origin(const Container& c, json::object& config, json::object& host, json::object& networks) {
  if (c.label_or(label::kRole) != "stand-in") return {};
  DSO_TRY(json::object origin, origin_of(c));
  for (const char* key : kHostMembers) copy_member(origin, host, key);
  copy_member(origin, config, "MacAddress");
  if (json::object* held = object_in(origin, "Networks"))
    for (auto& [name, value] : *held)
      if (json::object* network = object_in(networks, {name.data(), name.size()}); network && value.is_object())
        copy_member(value.get_object(), *network, "IPAMConfig");
  return {};
}

Result<void> keep_port_numbers(const Container& c, std::string_view origin, json::object& host) {
  if (!origin.empty()) {
    DSO_TRY(const json::object held, parse_origin(c, origin));
    copy_member(held, host, "PortBindings");
  }
  if (c.label_or(label::kRole) == "stand-in") return {};  // its own are others
  std::vector<PublishedPort> left = c.published;
  json::object& ports = object_made(host, "PortBindings");
  for (auto& [key, value] : ports)
    if (json::array* bindings = value.if_array()) take_numbers(left, {key.data(), key.size()}, *bindings);
  if (!flag_in(host, "PublishAllPorts", false)) return {};
  for (const PublishedPort& p : c.published) {
    const std::string key = std::to_string(p.container_port) + "/" + p.protocol;
    if (ports.contains(key)) continue;
    json::array bindings{json::object{{"HostIp", ""}, {"HostPort", ""}}};
    take_numbers(left, key, bindings);
    ports[key] = std::move(bindings);
  }
  return {};
}

void take_origin(json::object& config, json::object& host, json::object& networks, json::object& origin) {
  for (const char* key : kHostMembers) copy_member(host, origin, key);
  copy_member(config, origin, "MacAddress");
  json::object ports(host.storage());
  const auto local = [&](json::string_view port) { ports[port] = json::array{{{"HostIp", "127.0.0.1"}, {"HostPort", ""}}}; };
  if (json::object* bound = object_in(host, "PortBindings"))
    for (const auto& binding : *bound) local(binding.key());
  json::object* const exposed = object_in(config, "ExposedPorts");
  if (exposed && flag_in(host, "PublishAllPorts", false))
    for (const auto& port : *exposed) local(port.key());
  host["PortBindings"] = std::move(ports);
  host["PublishAllPorts"] = false;
  host["RestartPolicy"] = {{"Name", "no"}, {"MaximumRetryCount", 0}};
  host["AutoRemove"] = false;
  for (auto& [name, value] : networks) {
    json::object& network = value.as_object();
    const json::object* const ipam = object_in(network, "IPAMConfig");
    if (ipam && !ipam->empty()) object_made(object_made(origin, "Networks"), {name.data(), name.size()})["IPAMConfig"] = *ipam;
    network.erase("IPAMConfig");
  }
}

void hold_back_aliases(json::object& networks, json::object& origin, std::string_view but_in) {
  for (auto& [name, value] : networks) {
    if (name == sv(but_in)) continue;
    json::object& network = value.as_object();
    if (const json::value* aliases = network.if_contains("Aliases"))
      object_made(object_made(origin, "Networks"), {name.data(), name.size()})["Aliases"] = *aliases;
    network.erase("Aliases");
  }
}

std::string first_network(const Container& c, const json::object& networks) {
  std::string mode = c.network_mode == "default" || c.network_mode.empty() ? "bridge" : c.network_mode;
  if (mode == "host" || mode == "none" || mode.starts_with("container:")) return {};
  if (networks.contains(sv(mode))) return mode;
  constexpr std::size_t kShortestId = 12;
  for (const Endpoint& e : c.endpoints)
    if (mode.size() >= kShortestId && e.network_id.starts_with(mode)) return e.network;
  return networks.empty() ? std::string() : std::string(networks.begin()->key());
}

}  // namespace dso
