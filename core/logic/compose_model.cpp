// Reads compose's own resolved JSON. Everything in it that may be a value (other variables) stays in secret memory.
#include "logic/compose_model.h"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "logic/secret_json.h"

namespace dso {
namespace {

namespace json = boost::json;

bool mentions(std::string_view text) {
  return mention_in(text) != Mention::none;
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
  if (key.starts_with("post_start[") || key.starts_with("pre_stop["))
    e.next = "Write it under the service's own `environment:`; a hook sees that with /run/dso/init before its command.";
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

Result<std::vector<EnvReference>> references_of(const std::string& service, const json::object& environment) {
  std::vector<EnvReference> out;
  for (const auto& [key, value] : environment) {
    if (!value.is_string()) continue;
    const Mention mention = mention_in(value.get_string());
    if (mention == Mention::inside) return misplaced("service '" + service + "'", "environment." + std::string(key));
    if (mention == Mention::whole) out.push_back(env_reference(key, unescape(value.get_string())));
  }
  return out;
}

/// Of those of compose's own `secrets:` DSO says more where it refuses them.
std::vector<OwnMount> own_mounts(const json::object& o) {
  std::vector<OwnMount> out;
  for (const char* key : {"volumes", "configs"})
    if (const json::value* list = o.if_contains(key); list && list->is_array())
      for (const json::value& entry : list->get_array())
        if (const json::object* m = entry.if_object()) {
          const json::value* ro = m->if_contains("read_only");
          out.push_back({text_at(*m, "target"), ro && ro->is_bool() && ro->get_bool()});
        }
  for (const std::string& spec : list_at(o, "tmpfs").value_or(std::vector<std::string>())) out.push_back(own_tmpfs(spec));
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
  if (const json::value* health = o.if_contains("healthcheck"); health && health->is_object()) {
    s.health_test = list_at(health->get_object(), "test").value_or(std::vector<std::string>{});
    const json::value* off = health->get_object().if_contains("disable");
    s.no_healthcheck = off && off->is_bool() && off->get_bool();
  }
  s.mounts = own_mounts(o);
  for (const std::string& spec : list_at(o, "volumes_from").value_or(std::vector<std::string>()))
    s.lenders.push_back(lender_of_service(spec));
  const json::value* secrets = o.if_contains("secrets");
  s.own_secrets = secrets && secrets->is_array() && !secrets->get_array().empty();
  if (const json::value* environment = o.if_contains("environment"); environment && environment->is_object()) {
    DSO_TRY(s.references, references_of(name, environment->get_object()));
    for (const auto& entry : environment->get_object()) s.variables.emplace(entry.key());
  }
  return s;
}

const json::object* object_at(const json::object& o, std::string_view key) {
  const json::value* v = o.if_contains(key);
  return v ? v->if_object() : nullptr;
}

/// Of the service's `list` those whose text Compose has itself. What it has as a file is mounted.
void add_copied(const json::object& service, const json::object& top, const char* list, const std::string& folder,
                std::vector<std::string>& out) {
  const json::value* used = service.if_contains(list);
  const json::object* const known = object_at(top, list);
  if (!used || !used->is_array() || !known) return;
  for (const json::value& v : used->get_array()) {
    const std::string source = v.is_object() ? text_at(v.get_object(), "source") : std::string();
    const json::object* const what = object_at(*known, source);
    if (!what || !(what->contains("content") || what->contains("environment"))) continue;
    std::string target = text_at(v.get_object(), "target");
    if (target.empty()) target = source;
    out.push_back(target.starts_with('/') ? target : folder + target);
  }
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
  for (const char* section : {"secrets", "configs"})
    if (const json::value* all = top.if_contains(section); all && all->is_object())
      for (const auto& [name, value] : all->get_object())
        if (const json::object* o = value.if_object(); o && !text_at(*o, "environment").empty())
          out.from_environment.push_back({section, std::string(name), text_at(*o, "environment")});
  const json::value* services = top.if_contains("services");
  if (!services || services->is_null()) return out;
  if (!services->is_object()) return malformed_model("`services` is not an object");
  for (const auto& [name, value] : services->get_object()) {
    if (!value.is_object()) return malformed_model("the service '" + std::string(name) + "' is not an object");
    DSO_TRY(ComposeService service, parse_service(std::string(name), value.get_object()));
    add_copied(value.get_object(), top, "configs", "/", service.copied);
    add_copied(value.get_object(), top, "secrets", "/run/secrets/", service.copied);
    out.services.push_back(std::move(service));
  }
  return out;
}

std::string_view listed_value(std::string_view listing, std::string_view name) {
  std::string_view out;
  while (!listing.empty()) {
    const auto end = std::min(listing.find('\n'), listing.size());
    const std::string_view line = listing.substr(0, end);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '=') out = line.substr(name.size() + 1);
    listing.remove_prefix(std::min(end + 1, listing.size()));
  }
  return out;
}

Result<void> check_from_environment(const ComposeModel& model, std::string_view listing) {
  for (const FromEnvironment& f : model.from_environment) {
    const std::string_view value = listed_value(listing, f.variable);
    const Mention mention = mention_in(value);
    if (mention == Mention::none) continue;
    Error e = misplaced("the project", f.section + "." + f.name);
    e.cause = "`" + f.section + "." + f.name + "` has the content of " + f.variable +
              ", which holds a reference, so that it would be passed on as plain text";
    if (mention == Mention::whole)
      e.next = "Take it out of `" + f.section +
               ":`, and give the services a file of DSO's: a variable under `environment:` with dsofile://" +
               env_reference("", value).reference + " has its path.";
    return e;
  }
  return {};
}

}  // namespace dso
