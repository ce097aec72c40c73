// What the engine says about all but containers, and its times.
#include "logic/docker_json.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "logic/docker_tree.h"

namespace dso {
namespace {

namespace json = boost::json;
using docker_tree::read_object;
using docker_tree::required;
using docker_tree::WipedTree;

bool digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  out = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  return true;
}

/// "Z", "+01:00" or "-01:00" to minutes.
std::optional<int> zone_minutes(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  int hours = 0, minutes = 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !digits(zone, 1, 2, hours) ||
      !digits(zone, 4, 2, minutes) || hours > 23 || minutes > 59)
    return std::nullopt;
  return (zone[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339_ms(std::string_view t) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!digits(t, 0, 4, year) || !digits(t, 5, 2, month) || !digits(t, 8, 2, day) || !digits(t, 11, 2, hour) ||
      !digits(t, 14, 2, minute) || !digits(t, 17, 2, second) || t[4] != '-' || t[7] != '-' || (t[10] != 'T' && t[10] != 't') ||
      t[13] != ':' || t[16] != ':')
    return std::nullopt;
  std::size_t at = 19;
  std::int64_t ms = 0;
  if (at < t.size() && t[at] == '.') {
    const std::size_t first = ++at;
    for (std::int64_t unit = 100; at < t.size() && t[at] >= '0' && t[at] <= '9'; ++at, unit /= 10) ms += (t[at] - '0') * unit;
    if (at == first) return std::nullopt;
  }
  const auto zone = zone_minutes(t.substr(at));
  const auto date = std::chrono::year(year) / month / day;
  if (!zone || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  if (year == 1) return 0;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute - *zone) * 60'000 + second * 1000 + ms;
}

Result<ImageConfig> parse_image_inspect(std::string_view text) {
  WipedTree tree(text.size());
  return read_object<ImageConfig>(text, tree.storage(), [](const JsonReader& r) {
    ImageConfig image;
    image.id = required(r, "Id");
    const JsonReader config = r.child("Config");
    image.user = config.text("User");
    image.entrypoint = config.texts("Entrypoint");
    image.command = config.texts("Cmd");
    image.labels = config.text_map("Labels");
    image.volumes = config.child("Volumes").keys();
    image.shell = config.texts("Shell");
    image.health_test = config.child("Healthcheck").texts("Test");
    return image;
  });
}

Result<EngineVersion> parse_version(std::string_view text) {
  return read_object<EngineVersion>(text, {}, [](const JsonReader& r) {
    return EngineVersion{required(r, "Version"), r.text("ApiVersion"), r.text("Os"), r.text("Arch"), r.text("KernelVersion")};
  });
}

Result<EngineEvent> parse_event(std::string_view text) {
  return read_object<EngineEvent>(text, {}, [](const JsonReader& r) {
    EngineEvent event;
    event.type = r.text("Type");
    event.action = r.text("Action");
    const JsonReader actor = r.child("Actor");
    event.id = actor.text("ID");
    event.attributes = actor.text_map("Attributes");
    event.time_ns = r.integer("timeNano");
    return event;
  });
}

Result<std::string> parse_created_id(std::string_view text) {
  return read_object<std::string>(text, {}, [](const JsonReader& r) { return required(r, "Id"); });
}

Result<int> parse_wait_exit(std::string_view text) {
  return read_object<int>(text, {}, [](const JsonReader& r) { return static_cast<int>(r.integer("StatusCode")); });
}

Result<std::optional<int>> parse_exec_exit(std::string_view text) {
  WipedTree tree(text.size());
  return read_object<std::optional<int>>(text, tree.storage(), [](const JsonReader& r) -> std::optional<int> {
    if (r.boolean("Running", false) || !r.has("ExitCode")) return std::nullopt;
    return static_cast<int>(r.integer("ExitCode"));
  });
}

std::string connect_json(const std::string& container_id, std::string_view endpoint) {
  std::string out = R"({"Container":)" + json::serialize(json::string(container_id));
  if (!endpoint.empty()) (out += R"(,"EndpointConfig":)") += endpoint;
  return out + "}";
}

std::string exec_json(const std::vector<std::string>& command) {
  json::array words;
  for (const std::string& word : command) words.emplace_back(word);
  return json::serialize(json::object{{"AttachStdout", true}, {"AttachStderr", true}, {"Cmd", std::move(words)}});
}

std::string filters_json(const std::map<std::string, std::vector<std::string>>& filters) {
  json::object out;
  for (const auto& [name, values] : filters) {
    json::array list;
    for (const std::string& value : values) list.emplace_back(value);
    out.emplace(name, std::move(list));
  }
  return json::serialize(out);
}

std::string parse_engine_message(std::string_view body) {
  const auto message = read_object<std::string>(body, {}, [](const JsonReader& r) { return r.text("message"); });
  if (message.has_value() && !message->empty()) return *message;
  const std::string_view line = body.substr(0, std::min(body.find_first_of("\r\n"), body.size()));
  return std::string(line.substr(0, 300));
}

}  // namespace dso
