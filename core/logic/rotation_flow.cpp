// Network modes, ports, volumes and image names to a flow.
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

}  // namespace

bool has_data(const Container& c) {
  return std::any_of(c.mounts.begin(), c.mounts.end(), [](const ContainerMount& m) {
    return !m.read_only && (m.type == "volume" || (m.type == "bind" && !m.source.ends_with(".sock")));
  });
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
  if (c.publishes) return {Flow::relay, "it publishes ports: a stand-in serves by a redirect while the final container starts"};
  if (has_static_address(c))
    return {Flow::relay, "it has an address of its own: a stand-in serves by a redirect while the final container starts"};
  return {Flow::swap, "the candidate takes its name and its place in the networks"};
}

}  // namespace dso
