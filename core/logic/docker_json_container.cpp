// What the engine says about one container (inspect); the list of all is read by container_list.cpp.
#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>
#include <limits>
#include <set>

#include "logic/docker_json.h"
#include "logic/docker_tree.h"

namespace dso {
namespace {

namespace json = boost::json;
using docker_tree::malformed;
using docker_tree::read_object;
using docker_tree::required;
using docker_tree::WipedTree;

std::string without_slash(std::string name) {
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

std::int64_t time_of(const JsonReader& r, std::string_view key) {
  const std::string text = r.text(key);
  if (text.empty()) return 0;
  const auto ms = parse_rfc3339_ms(text);
  if (!ms) r.fail(key, "is not a time");
  return ms.value_or(0);
}

int int_of(const JsonReader& r, std::string_view key) {
  const std::int64_t number = r.integer(key);
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) r.fail(key, "is out of range");
  return static_cast<int>(number);
}

constexpr int kDefaultStopTimeout = 10;

/// Those that the container was not given itself, where it was given another's.
void mark_borrowed(std::vector<ContainerMount>& mounts, const JsonReader& host) {
  if (host.texts("VolumesFrom").empty()) return;
  std::set<std::string> own;
  for (const std::string& bind : host.texts("Binds")) {  // source:destination[:mode]
    const std::size_t at = bind.find(':');
    if (at != std::string::npos) own.insert(bind.substr(at + 1, bind.find(':', at + 1) - at - 1));
  }
  host.each("Mounts", [&](const JsonReader& m) { own.insert(m.text("Target")); });
  for (ContainerMount& m : mounts) m.borrowed = !own.contains(m.destination);
}

std::uint16_t port_of(const JsonReader& r, std::string_view key, std::string_view text) {
  std::uint16_t port = 0;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) r.fail(key, "is not a port");
  return port;
}

/// {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "90/tcp": null}
std::vector<PublishedPort> published_of(const JsonReader& ports) {
  std::vector<PublishedPort> out;
  for (const std::string& key : ports.keys())
    ports.each(key, [&](const JsonReader& bound) {
      PublishedPort port;
      const std::size_t slash = std::min(key.find('/'), key.size());
      if (slash + 1 < key.size()) port.protocol = key.substr(slash + 1);
      port.container_port = port_of(ports, key, std::string_view(key).substr(0, slash));
      port.host_ip = bound.text("HostIp");
      const std::string number = bound.text("HostPort");
      if (number.empty()) return;  // asked for, not bound
      port.host_port = port_of(bound, "HostPort", number);
      out.push_back(std::move(port));
    });
  return out;
}

/// Engines before 25 put the container's short id among the aliases; it is none that anybody asked for.
std::vector<Endpoint> endpoints_of(const JsonReader& networks, std::string_view id) {
  std::vector<Endpoint> out;
  for (const std::string& name : networks.keys()) {
    const JsonReader r = networks.child(name);
    const JsonReader ipam = r.child("IPAMConfig");
    Endpoint e;
    e.network = name;
    e.network_id = r.text("NetworkID");
    e.ip = r.text("IPAddress");
    e.ip6 = r.text("GlobalIPv6Address");
    e.aliases = r.texts("Aliases");
    std::erase(e.aliases, id.substr(0, 12));
    e.static_ip = !ipam.text("IPv4Address").empty() || !ipam.text("IPv6Address").empty();
    out.push_back(std::move(e));
  }
  return out;
}

/// The engine counts in nanoseconds, and its 0 is its default.
std::chrono::milliseconds duration_of(const JsonReader& r, std::string_view key, std::chrono::milliseconds fallback) {
  const std::chrono::nanoseconds given(r.integer(key));
  return given.count() == 0 ? fallback : std::chrono::ceil<std::chrono::milliseconds>(given);
}

Healthcheck healthcheck_of(const JsonReader& r) {
  Healthcheck h;
  h.test = r.texts("Test");
  h.interval = duration_of(r, "Interval", h.interval);
  h.timeout = duration_of(r, "Timeout", h.timeout);
  h.start_period = duration_of(r, "StartPeriod", h.start_period);
  h.start_interval = duration_of(r, "StartInterval", h.start_interval);
  return h;
}

/// Drivers that write to files of the container's own need no name, but for a tag that asks for it.
bool logs_by_name(const JsonReader& log) {
  const std::string type = log.text("Type"), tag = log.child("Config").text("tag");
  const bool own_file = type.empty() || type == "json-file" || type == "local" || type == "none";
  return !own_file || tag.find(".Name") != std::string::npos || tag.find(".FullName") != std::string::npos;
}

Container container_of_inspect(const JsonReader& r) {
  Container c;
  c.id = required(r, "Id");
  c.name = without_slash(r.text("Name"));
  c.image_id = r.text("Image");
  const JsonReader config = r.child("Config");
  c.image = config.text("Image");
  c.labels = config.text_map("Labels");
  c.user = config.text("User");
  c.entrypoint = config.texts("Entrypoint");
  c.command = config.texts("Cmd");
  c.static_mac = !config.text("MacAddress").empty();
  const JsonReader state = r.child("State");
  c.state = required(state, "Status");
  c.pid = state.integer("Pid");
  c.started_at_ms = time_of(state, "StartedAt");
  c.finished_at_ms = time_of(state, "FinishedAt");
  c.exit_code = int_of(state, "ExitCode");
  c.oom_killed = state.boolean("OOMKilled", false);
  c.restart_count = int_of(r, "RestartCount");
  c.health = state.child("Health").text("Status");
  if (c.health == "none") c.health.clear();
  c.start_error = state.text("Error");
  const JsonReader host = r.child("HostConfig");
  c.network_mode = host.text("NetworkMode");
  c.pid_mode = host.text("PidMode");
  c.ipc_mode = host.text("IpcMode");
  c.publishes = !host.child("PortBindings").keys().empty() || host.boolean("PublishAllPorts", false);
  c.links = host.texts("Links");
  c.logs_by_name = logs_by_name(host.child("LogConfig"));
  c.restart_policy = host.child("RestartPolicy").text("Name");
  c.auto_remove = host.boolean("AutoRemove", false);
  c.stop_timeout_s = config.has("StopTimeout") ? int_of(config, "StopTimeout") : kDefaultStopTimeout;
  c.healthcheck = healthcheck_of(config.child("Healthcheck"));
  c.mounts = docker_tree::mounts_of(r);
  mark_borrowed(c.mounts, host);
  const JsonReader network = r.child("NetworkSettings");
  c.published = published_of(network.child("Ports"));
  c.endpoints = endpoints_of(network.child("Networks"), c.id);
  return c;
}

}  // namespace

Result<Container> parse_container_inspect(std::string_view text) {
  WipedTree tree(text.size());
  return read_object<Container>(text, tree.storage(), container_of_inspect);
}

}  // namespace dso
