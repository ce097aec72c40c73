// Network modes, ports, volumes, layers and image names to a flow, or to what speaks against one.
#include "logic/rotation_flow.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace dso {
namespace {

constexpr std::array<std::string_view, 22> kDatabases = {
    "postgres", "postgresql", "postgis",  "timescaledb", "mysql",         "mariadb",   "percona",    "mongo",
    "mongodb",  "redis",      "valkey",   "keydb",       "couchdb",       "cassandra", "clickhouse", "clickhouse-server",
    "influxdb", "neo4j",      "rabbitmq", "etcd",        "elasticsearch", "opensearch"};

bool has_static_address(const Container& c) {
  return c.static_mac || std::any_of(c.endpoints.begin(), c.endpoints.end(), [](const Endpoint& e) { return e.static_ip; });
}

/// Of the host for everybody, whoever may write there: clocks, devices, the sockets of services.
bool is_of_host(const std::string& source) {
  const auto in = [&](std::string_view folder) { return source.starts_with(folder); };
  return source.ends_with(".sock") || source == "/etc/localtime" || source == "/etc/timezone" || in("/dev/") || in("/proc/") ||
         in("/sys/");
}

/// "dso", or a managed plugin's "registry/dso:1.0": files of secrets, which nobody writes there.
bool is_our_driver(std::string_view driver) {
  const std::string_view last = driver.substr(driver.rfind('/') == std::string_view::npos ? 0 : driver.rfind('/') + 1);
  return last.starts_with("dso") && (last.size() == 3 || last[3] == ':' || last[3] == '-');
}

bool is_data(const ContainerMount& m) {
  if (m.read_only || m.type == "tmpfs") return false;
  return m.type == "bind" ? !is_of_host(m.source) : !is_our_driver(m.driver);
}

/// Nothing that two could write to at once is left to chance: auto and rolling share only what they are told to share.
bool shares_data(const Container& c) {
  return has_data(c) && c.label_or(label::kExclusive) != "false" && choose_flow(c).flow != Flow::exclusive;
}

/// A relay gives a successor the address that the user asked for.
bool has_other_address(const Container& c) {
  return !std::all_of(c.endpoints.begin(), c.endpoints.end(), [](const Endpoint& e) { return e.static_ip; });
}

}  // namespace

bool has_data(const Container& c) {
  return std::any_of(c.mounts.begin(), c.mounts.end(), is_data);
}

std::string data_text(const Container& c) {
  const auto m = std::find_if(c.mounts.begin(), c.mounts.end(), is_data);
  if (m == c.mounts.end()) return {};
  constexpr std::size_t kAnonymous = 64;  // hex digits, nobody's choice
  if (m->type == "bind") return "'" + m->source + "' at " + m->destination;
  return m->name.size() == kAnonymous ? "its volume at " + m->destination : "the volume '" + m->name + "' at " + m->destination;
}

std::string replace_label_problem(const Container& c) {
  const auto check = [&](const char* name, std::string_view one, std::string_view other) -> std::string {
    const std::string value = c.label_or(name);
    if (value.empty() || value == one || value == other) return {};
    return std::string("the label ") + name + " has '" + value + "', which is none of " + std::string(one) + ", " +
           std::string(other);
  };
  std::string problem = check(label::kExclusive, "true", "false");
  if (problem.empty()) problem = check(label::kLayer, "drop", "keep");
  return problem.empty() ? check(label::kAddress, "keep", "change") : problem;
}

ReplaceLoss replace_loss(const Container& c) {
  const std::string layer = c.label_or(label::kLayer);
  const ReplaceFacts facts = c.replace_facts.value_or(ReplaceFacts());
  const std::string drop = "set the label dso.layer=drop if that may go";
  if (c.label_or(label::kAddress) == "keep" && has_other_address(c))
    return {"its address would be another one (label dso.address=keep)", "take the label dso.address away"};
  if (layer == "keep") return {"what it has written into its own layer would go (label dso.layer=keep)", drop};
  if (layer != "drop" && !facts.written.empty())
    return {"what it has written into its own layer would go: " + facts.written, drop + ", or put it on a volume"};
  if (layer != "drop" && !facts.untold.empty())
    return {"it may have written into its own layer, which cannot be looked at: " + facts.untold, drop};
  if (c.logs_by_name && choose_flow(c).flow == Flow::exclusive)
    return {"its log driver takes its name when it starts, which is not yet its own then",
            "take the label dso.exclusive=true away, so that a stand-in serves meanwhile"};
  if (shares_data(c))
    return {"two would write to " + data_text(c) + " for a while",
            "set the label dso.exclusive=true (the old one stops before the new one starts), or =false if two can share it"};
  if (!facts.unreachable.empty() && choose_flow(c).flow != Flow::exclusive)
    return {"its own address in the network '" + facts.unreachable + "' cannot be redirected, which is no bridge",
            "set the label dso.exclusive=true (the old one stops before the new one has the address)"};
  return {};
}

std::string database_image(const std::string& image) {
  std::string name = image.substr(0, image.find('@'));
  name = name.substr(name.rfind('/') == std::string::npos ? 0 : name.rfind('/') + 1);
  name = name.substr(0, name.find(':'));
  return std::find(kDatabases.begin(), kDatabases.end(), name) == kDatabases.end() ? std::string() : name;
}

std::string rolling_obstacle(const Container& c) {
  if (c.network_mode == "host") return "it uses the host's network, where two containers cannot listen on the same ports";
  if (c.network_mode.starts_with("container:"))
    return "it shares the network of another container, where two cannot listen on the same ports";
  return {};
}

FlowChoice choose_flow(const Container& c) {
  const std::string label = c.label_or(label::kExclusive);
  if (label == "true") return {Flow::exclusive, "label dso.exclusive: the old container stops before the new one starts"};
  if (const std::string database = database_image(c.image); label != "false" && !database.empty() && has_data(c))
    return {Flow::exclusive, "image " + database +
                                 " with data of its own: the old container stops before the new one starts "
                                 "(label dso.exclusive=false if two can share it)"};
  if (c.logs_by_name)
    return {Flow::relay,
            "its log driver takes its name when it starts: a stand-in serves by a redirect while the final container starts"};
  if (c.publishes) return {Flow::relay, "it publishes ports: a stand-in serves by a redirect while the final container starts"};
  if (has_static_address(c))
    return {Flow::relay, "it has an address of its own: a stand-in serves by a redirect while the final container starts"};
  return {Flow::swap, "the candidate takes its name and its place in the networks, with another address"};
}

}  // namespace dso
