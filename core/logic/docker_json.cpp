// The engine's JSON by Boost.JSON. An inspect holds the container's environment, and people put secrets there: its tree lives
// in wiping memory.
#include "logic/docker_json.h"

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <limits>

#include "logic/json_reader.h"
#include "logic/secret_json.h"

namespace dso {
namespace {

namespace json = boost::json;

Error malformed(std::string cause) {
  Error e;
  e.cls = ErrorClass::malformed;
  e.what = "Failed to read the engine's answer";
  e.cause = std::move(cause);
  return e;
}

Result<json::value> parse_json(std::string_view text, const json::storage_ptr& storage) {
  boost::system::error_code ec;
  json::parser parser(storage);  // half-parsed texts wait in the parser's own memory
  parser.reset(storage);
  parser.write(text.data(), text.size(), ec);
  if (ec) return malformed("it is not JSON: " + ec.message());
  return parser.release();
}

/// Parses an object and lets `read` take it apart; the reader's error wins.
template <class T, class Read>
Result<T> read_object(std::string_view text, const json::storage_ptr& storage, const Read& read) {
  DSO_TRY(const json::value root, parse_json(text, storage));
  const json::object* object = root.if_object();
  if (!object) return malformed("it is not an object");
  std::optional<Error> error;
  T out = read(JsonReader(object, {}, error));
  if (error) return *error;
  return out;
}

/// One block for the whole tree, taken from and given back to wiping memory.
class WipedTree {
 public:
  explicit WipedTree(std::size_t json_bytes) : upstream_(secret_json_storage()), resource_(json_bytes * 2 + 1024, upstream_) {}
  json::storage_ptr storage() { return &resource_; }

 private:
  json::storage_ptr upstream_;
  json::monotonic_resource resource_;
};

std::string required(const JsonReader& r, std::string_view key) {
  std::string text = r.text(key);
  if (text.empty()) r.fail(key, "is missing");
  return text;
}

std::string without_slash(std::string name) {
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

std::vector<ContainerMount> mounts_of(const JsonReader& r) {
  std::vector<ContainerMount> out;
  r.each("Mounts", [&](const JsonReader& m) {
    ContainerMount mount;
    mount.type = m.text("Type");
    mount.source = m.text("Source");
    mount.destination = m.text("Destination");
    mount.read_only = !m.boolean("RW", true);
    out.push_back(std::move(mount));
  });
  return out;
}

std::int64_t time_of(const JsonReader& r, std::string_view key) {
  const std::string text = r.text(key);
  if (text.empty()) return 0;
  const auto ms = parse_rfc3339_ms(text);
  if (!ms) r.fail(key, "is not a time");
  return ms.value_or(0);
}

int exit_code_of(const JsonReader& r) {
  const std::int64_t code = r.integer("ExitCode");
  if (code < std::numeric_limits<int>::min() || code > std::numeric_limits<int>::max()) r.fail("ExitCode", "is out of range");
  return static_cast<int>(code);
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
  const JsonReader state = r.child("State");
  c.state = required(state, "Status");
  c.pid = state.integer("Pid");
  c.started_at_ms = time_of(state, "StartedAt");
  c.exit_code = exit_code_of(state);
  c.health = state.child("Health").text("Status");
  if (c.health == "none") c.health.clear();
  c.network_mode = r.child("HostConfig").text("NetworkMode");
  c.mounts = mounts_of(r);
  return c;
}

/// A linked container has more names, "/other/alias"; its own has one slash.
std::string own_name(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (name.rfind('/') == 0) return name.substr(1);
  return names.empty() ? "" : without_slash(names.front());
}

Container container_of_list(const JsonReader& r) {
  Container c;
  c.id = required(r, "Id");
  c.name = own_name(r.texts("Names"));
  c.image = r.text("Image");
  c.image_id = r.text("ImageID");
  c.labels = r.text_map("Labels");
  c.state = r.text("State");
  return c;
}

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

Result<Container> parse_container_inspect(std::string_view text) {
  WipedTree tree(text.size());
  return read_object<Container>(text, tree.storage(), container_of_inspect);
}

Result<std::vector<Container>> parse_container_list(std::string_view text) {
  DSO_TRY(const json::value root, parse_json(text, {}));
  const json::array* list = root.if_array();
  if (!list) return malformed("it is not a list");
  std::optional<Error> error;
  std::vector<Container> out;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string at = "[" + std::to_string(i) + "]";
    const json::object* object = (*list)[i].if_object();
    if (!object) return malformed(at + " is not an object");
    out.push_back(container_of_list(JsonReader(object, at, error)));
  }
  if (error) return *error;
  return out;
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
