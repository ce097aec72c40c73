// Both answers are compared as trees: what was to change is taken out of both, and everything else must be equal.
#include "logic/compose_values.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "logic/secret_json.h"

namespace dso {
namespace {

namespace json = boost::json;

constexpr std::string_view kReloader = "dso.reloader";

/// The caller parses: a tree that is moved out of a function may be copied, and then to memory that is not locked.
Error not_json() {
  return make_error(ErrorClass::malformed, "Cannot read what `docker compose config` printed", "it is not a JSON object",
                    "DSO needs Docker Compose 2.24 or newer: see `docker compose version`.");
}

json::object* object_at(json::object& o, std::string_view key) {
  json::value* v = o.if_contains(key);
  return v && v->is_object() ? &v->get_object() : nullptr;
}

/// Compose doubles every '$' in what it prints.
SecretBytes unescaped(std::string_view text) {
  SecretBuffer out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    out.push_back(text[i]);
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '$') ++i;
  }
  return SecretBytes(std::move(out));
}

ServiceValues values_of(std::string name, json::object& service) {
  ServiceValues out;
  out.service = std::move(name);
  if (json::object* environment = object_at(service, "environment"))
    for (const auto& [key, value] : *environment)
      if (value.is_string()) out.variables.push_back({std::string(key), unescaped(value.get_string())});
  std::sort(out.variables.begin(), out.variables.end(),
            [](const SecretField& a, const SecretField& b) { return a.name < b.name; });
  if (json::object* build = object_at(service, "build"))
    if (json::object* arguments = object_at(*build, "args"))
      for (const auto& entry : *arguments) out.build_arguments.emplace_back(entry.key());
  if (json::object* labels = object_at(service, "labels")) out.watched = labels->contains(kReloader);
  return out;
}

std::string difference(const json::value& a, const json::value& b, const std::string& path) {
  if (a.is_object() && b.is_object()) {
    for (const auto& [key, value] : a.get_object()) {
      std::string at = (path.empty() ? "" : path + ".") + std::string(key);
      const json::value* other = b.get_object().if_contains(key);
      if (!other) return at;
      if (std::string found = difference(value, *other, at); !found.empty()) return found;
    }
    for (const auto& entry : b.get_object())
      if (!a.get_object().contains(entry.key())) return (path.empty() ? "" : path + ".") + std::string(entry.key());
    return {};
  }
  if (a.is_array() && b.is_array() && a.get_array().size() == b.get_array().size()) {
    for (std::size_t i = 0; i < a.get_array().size(); ++i)
      if (std::string found = difference(a.get_array()[i], b.get_array()[i], path + "[" + std::to_string(i) + "]");
          !found.empty())
        return found;
    return {};
  }
  return a == b ? std::string() : path;
}

/// Takes `key` out of services.SERVICE.GROUP, and a group that is empty then with it. True: it was there with `value`.
bool take(json::object& root, const std::string& service, std::string_view group, std::string_view key, std::string_view value) {
  json::object* services = object_at(root, "services");
  json::object* one = services ? object_at(*services, service) : nullptr;
  json::object* members = one ? object_at(*one, group) : nullptr;
  if (!members) return false;
  const json::value* found = members->if_contains(key);
  bool right = false;
  if (found && found->is_string()) {
    const std::string_view text = found->get_string();
    right = text == value;
  }
  members->erase(key);
  if (members->empty()) one->erase(group);
  return right;
}

}  // namespace

Result<ComposeValues> compose_values(std::string_view text) {
  boost::system::error_code ec;
  json::value root = json::parse(text, ec, secret_json_storage());
  if (ec || !root.is_object()) return not_json();
  ComposeValues out;
  if (const json::value* name = root.get_object().if_contains("name"); name && name->is_string()) {
    const std::string_view project = name->get_string();
    out.project = project;
  }
  if (json::object* services = object_at(root.get_object(), "services"))
    for (auto& [name, service] : *services)
      if (service.is_object()) out.services.push_back(values_of(std::string(name), service.get_object()));
  return out;
}

Result<std::string> unexpected_change(std::string_view before, std::string_view after, const std::vector<ExpectedChange>& changes,
                                      const std::vector<std::string>& labelled) {
  boost::system::error_code first, second;
  json::value was = json::parse(before, first, secret_json_storage());
  json::value is = json::parse(after, second, secret_json_storage());
  if (first || second || !was.is_object() || !is.is_object()) return not_json();
  std::string missing;
  for (const ExpectedChange& c : changes) {
    take(was.get_object(), c.service, "environment", c.variable, {});
    if (!take(is.get_object(), c.service, "environment", c.variable, c.reference) && missing.empty())
      missing = "services." + c.service + ".environment." + c.variable;
  }
  for (const std::string& service : labelled) {
    take(was.get_object(), service, "labels", kReloader, {});
    if (!take(is.get_object(), service, "labels", kReloader, "true") && missing.empty())
      missing = "services." + service + ".labels";
  }
  return missing.empty() ? difference(was, is, {}) : missing;
}

}  // namespace dso
