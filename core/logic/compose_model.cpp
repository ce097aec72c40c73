// Reads compose's own resolved JSON. Everything in it that may be a value (other variables) stays in secret memory.
#include "logic/compose_model.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "logic/secret_json.h"

namespace dso {
namespace {

namespace json = boost::json;

constexpr std::string_view kEnvScheme = "dso://";
constexpr std::string_view kFileScheme = "dsofile://";

bool mentions(std::string_view text) {
  return text.find(kEnvScheme) != std::string_view::npos || text.find(kFileScheme) != std::string_view::npos;
}

/// Compose doubles every '$' in what it prints, so that its output can be read again.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '$') ++i;
  }
  return out;
}

std::string text_at(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  return v && v->is_string() ? unescape(v->get_string()) : std::string();
}

std::optional<std::vector<std::string>> list_at(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  if (!v || !v->is_array()) return std::nullopt;
  std::vector<std::string> out;
  for (const json::value& entry : v->get_array())
    if (entry.is_string()) out.push_back(unescape(entry.get_string()));
  return out;
}

Error malformed_model(std::string cause) {
  Error e;
  e.cls = ErrorClass::malformed;
  e.what = "Cannot read what `docker compose config` printed";
  e.cause = std::move(cause);
  e.next = "DSO needs Docker Compose 2.24 or newer: see `docker compose version`.";
  return e;
}

Error misplaced(const std::string& where, const std::string& key) {
  Error e;
  e.cls = ErrorClass::config;
  e.what = "Cannot deliver to " + where;
  e.cause = "`" + key + "` holds a reference (dso:// or dsofile://), which would be passed on as plain text";
  e.next = "References work as the whole value of a variable under `environment:` or in an env_file.";
  return e;
}

bool is_extension(std::string_view key) {
  return key.substr(0, 2) == "x-";
}

/// Where in `v` a reference stands, as "command[1]"; empty: nowhere.
std::string find_mention(const json::value& v, const std::string& path) {
  if (v.is_string()) return mentions(v.get_string()) ? path : std::string();
  if (v.is_object()) {
    for (const auto& [key, child] : v.get_object()) {
      const std::string_view name = key;
      if (is_extension(name)) continue;
      std::string at = (path.empty() ? "" : path + ".") + std::string(name);
      if (mentions(name)) return at;
      if (std::string found = find_mention(child, at); !found.empty()) return found;
    }
  }
  if (v.is_array()) {
    std::size_t i = 0;
    for (const json::value& child : v.get_array())
      if (std::string found = find_mention(child, path + "[" + std::to_string(i++) + "]"); !found.empty()) return found;
  }
  return {};
}

Result<std::vector<ComposeReference>> references_of(const std::string& service, const json::object& environment) {
  std::vector<ComposeReference> out;
  for (const auto& [key, value] : environment) {
    if (!value.is_string()) continue;
    const std::string_view text = value.get_string();
    if (!mentions(text)) continue;
    ComposeReference r;
    r.variable = std::string(key);
    r.file = text.starts_with(kFileScheme);
    if (!r.file && !text.starts_with(kEnvScheme)) return misplaced("service '" + service + "'", "environment." + r.variable);
    r.reference = unescape(text.substr(r.file ? kFileScheme.size() : kEnvScheme.size()));
    if (mentions(r.reference)) return misplaced("service '" + service + "'", "environment." + r.variable);
    out.push_back(std::move(r));
  }
  return out;
}

Result<ComposeService> parse_service(const std::string& name, const json::object& o) {
  ComposeService s;
  s.name = name;
  for (const auto& [key, value] : o) {
    const std::string_view k = key;
    if (k == "environment" || is_extension(k)) continue;
    if (std::string found = find_mention(value, std::string(k)); !found.empty())
      return misplaced("service '" + name + "'", found);
  }
  s.image = text_at(o, "image");
  s.has_build = o.contains("build") && !o.at("build").is_null();
  s.pull_policy = text_at(o, "pull_policy");
  s.platform = text_at(o, "platform");
  s.container_name = text_at(o, "container_name");
  s.user = text_at(o, "user");
  s.entrypoint = list_at(o, "entrypoint");
  s.command = list_at(o, "command");
  if (const json::value* labels = o.if_contains("labels"); labels && labels->is_object())
    for (const auto& [key, value] : labels->get_object())
      s.labels[std::string(key)] = value.is_string() ? unescape(value.get_string()) : std::string();
  if (const json::value* health = o.if_contains("healthcheck"); health && health->is_object())
    s.health_test = list_at(health->get_object(), "test").value_or(std::vector<std::string>{});
  const json::value* secrets = o.if_contains("secrets");
  s.own_secrets = secrets && secrets->is_array() && !secrets->get_array().empty();
  if (const json::value* environment = o.if_contains("environment"); environment && environment->is_object()) {
    DSO_TRY(s.references, references_of(name, environment->get_object()));
    for (const auto& entry : environment->get_object()) s.variables.emplace(entry.key());
  }
  return s;
}

}  // namespace

Result<ComposeModel> parse_compose_model(std::string_view text) {
  boost::system::error_code ec;
  const json::value root = json::parse(text, ec, secret_json_storage());
  if (ec) return malformed_model(ec.message());
  if (!root.is_object()) return malformed_model("it is not a JSON object");
  const json::object& top = root.get_object();
  ComposeModel out;
  out.project = text_at(top, "name");
  if (out.project.empty()) return malformed_model("it names no project");
  for (const auto& [key, value] : top) {
    const std::string_view k = key;
    if (k == "services" || is_extension(k)) continue;
    if (std::string found = find_mention(value, std::string(k)); !found.empty()) return misplaced("the project", found);
  }
  const json::value* services = top.if_contains("services");
  if (!services || services->is_null()) return out;
  if (!services->is_object()) return malformed_model("`services` is not an object");
  for (const auto& [name, value] : services->get_object()) {
    if (!value.is_object()) return malformed_model("the service '" + std::string(name) + "' is not an object");
    DSO_TRY(ComposeService service, parse_service(std::string(name), value.get_object()));
    out.services.push_back(std::move(service));
  }
  return out;
}

}  // namespace dso
