// Written by us and read by us, perhaps by another version: unknown members are skipped, wrong types are an error.
#include "delivery/scope_json.h"

#include <boost/json.hpp>

namespace dso::delivery {
namespace {

namespace json = boost::json;

template <class T>
void put(json::object& o, const char* name, const std::optional<T>& value) {
  if (value) o[name] = *value;
}

json::object to_json(const SecretKey& key) {
  return {{"instance", key.instance}, {"name", key.name}};
}

json::object to_json(const Inject& inject) {
  json::object o{{"type", inject.type == InjectType::env ? "env" : "file"}, {"path", inject.path}, {"visible", inject.visible}};
  put(o, "uid", inject.uid);
  put(o, "gid", inject.gid);
  put(o, "mode", inject.mode);
  return o;
}

json::object to_json(const Scope& scope) {
  json::array items;
  for (const DeliveryItem& item : scope.items) {
    json::array mappings;
    for (const Mapping& m : item.mappings) mappings.push_back({{"field", m.field}, {"dest", m.dest}});
    items.push_back({{"secret", to_json(item.secret)}, {"inject", to_json(item.inject)}, {"mappings", std::move(mappings)}});
  }
  json::object o{{"id", scope.id}, {"service", scope.service}, {"items", std::move(items)}};
  put(o, "user_uid", scope.user_uid);
  put(o, "user_gid", scope.user_gid);
  put(o, "named_uid", scope.named_uid);
  return o;
}

// Reading: `at` throws on a missing member or wrong type, caught in one place.
std::string text(const json::object& o, const char* name) {
  return std::string(o.at(name).as_string());
}

std::optional<std::uint32_t> number(const json::object& o, const char* name) {
  const json::value* v = o.if_contains(name);
  return v ? std::optional(v->to_number<std::uint32_t>()) : std::nullopt;
}

SecretKey key_from(const json::value& v) {
  return {text(v.as_object(), "instance"), text(v.as_object(), "name")};
}

Scope scope_from(const json::object& o) {
  Scope scope;
  scope.id = text(o, "id");
  scope.service = text(o, "service");
  for (const json::value& v : o.at("items").as_array()) {
    const json::object& i = v.as_object();
    const json::object& inject = i.at("inject").as_object();
    DeliveryItem item{key_from(i.at("secret")), {}, {}};
    item.inject.type = text(inject, "type") == "env" ? InjectType::env : InjectType::file;
    item.inject.path = text(inject, "path");
    item.inject.visible = inject.at("visible").as_bool();
    item.inject.uid = number(inject, "uid");
    item.inject.gid = number(inject, "gid");
    item.inject.mode = number(inject, "mode");
    for (const json::value& m : i.at("mappings").as_array())
      item.mappings.push_back({text(m.as_object(), "field"), text(m.as_object(), "dest")});
    scope.items.push_back(std::move(item));
  }
  scope.user_uid = number(o, "user_uid");
  scope.user_gid = number(o, "user_gid");
  scope.named_uid = number(o, "named_uid");
  return scope;
}

template <class T>
json::object object_of(const std::map<std::string, T>& map) {
  json::object out;
  for (const auto& [key, value] : map) out[key] = value;
  return out;
}
std::map<std::string, std::string> texts(const json::object& o) {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : o) out.emplace(key, value.as_string());
  return out;
}
std::map<std::string, std::int64_t> times(const json::object& o) {
  std::map<std::string, std::int64_t> out;
  for (const auto& [key, value] : o) out.emplace(key, value.to_number<std::int64_t>());
  return out;
}

json::object object_of(const std::map<std::string, Monitored>& monitored) {
  json::object out;
  for (const auto& [container, m] : monitored)
    out[container] = {{"since_boot_ms", m.since_boot_ms},
                      {"restarts", m.restarts},
                      {"was_unhealthy", m.was_unhealthy},
                      {"told_boot_ms", m.told_boot_ms}};
  return out;
}
std::map<std::string, Monitored> monitored_from(const json::object& o) {
  std::map<std::string, Monitored> out;
  for (const auto& [container, v] : o) {
    Monitored m{v.at("since_boot_ms").to_number<std::int64_t>(), v.at("restarts").to_number<int>(),
                v.at("was_unhealthy").as_bool(), 0};
    const json::value* told = v.as_object().if_contains("told_boot_ms");  // (an older DSO did not note it)
    m.told_boot_ms = told ? told->to_number<std::int64_t>() : m.since_boot_ms;
    out.emplace(container, m);
  }
  return out;
}

template <class T, class F>
Result<T> read(std::string_view input, const char* what, F from) {
  json::error_code ec;
  const json::value v = json::parse({input.data(), input.size()}, ec);
  std::string cause = ec ? ec.message() : "it is not the JSON that DSO writes";
  try {
    if (!ec) return from(v.as_object());
  } catch (const std::exception&) {  // the library's text names its own source files
  }
  return Error{ErrorClass::store_corrupt, std::string("Cannot read ") + what, std::move(cause), {}, {}, {}, {}, {}};
}

}  // namespace

std::string scope_to_json(const Scope& scope) {
  return json::serialize(to_json(scope));
}
Result<Scope> scope_from_json(std::string_view input) {
  return read<Scope>(input, "a scope", scope_from);
}

std::string versions_to_json(const std::map<std::string, std::string>& versions) {
  return json::serialize(object_of(versions));
}
Result<std::map<std::string, std::string>> versions_from_json(std::string_view input) {
  return read<std::map<std::string, std::string>>(input, "the versions of a scope",
                                                  [](const json::object& o) { return texts(o); });
}

std::string state_to_json(const StoredState& stored) {
  json::array delivered;
  for (const DeliveredSecret& d : stored.state.delivered)
    delivered.push_back({{"secret", to_json(d.secret)},
                         {"version", d.version},
                         {"digest", d.digest},
                         {"delivered_at_ms", d.delivered_at_ms},
                         {"delivered_boot_ms", d.delivered_boot_ms},
                         {"given", d.given}});
  json::object applied;
  for (const auto& [container, digests] : stored.state.applied) {
    json::object& o = applied[container].emplace_object();
    for (const auto& [secret, digest] : digests) o[secret] = digest;
  }
  const auto& names = stored.state.given_names;
  return json::serialize(json::object{{"generation", stored.generation},
                                      {"scope", to_json(stored.state.scope)},
                                      {"delivered", std::move(delivered)},
                                      {"applied", std::move(applied)},
                                      {"refused", object_of(stored.state.refused)},
                                      {"refused_given", object_of(stored.state.refused_given)},
                                      {"restarting", object_of(stored.state.restarting)},
                                      {"monitored", object_of(stored.state.monitored)},
                                      {"given_names", json::array(names.begin(), names.end())},
                                      {"previous_scope", stored.state.previous_scope},
                                      {"last_rotation", object_of(stored.state.last_rotation)}});
}

Result<StoredState> state_from_json(std::string_view input) {
  return read<StoredState>(input, "a scope's state", [](const json::object& o) {
    StoredState out;
    out.generation = text(o, "generation");
    out.state.scope = scope_from(o.at("scope").as_object());
    for (const json::value& v : o.at("delivered").as_array()) {
      const json::object& d = v.as_object();
      out.state.delivered.push_back(
          {key_from(d.at("secret")), text(d, "version"), text(d, "digest"), d.at("delivered_at_ms").to_number<std::int64_t>()});
      if (const json::value* boot = d.if_contains("delivered_boot_ms"))
        out.state.delivered.back().delivered_boot_ms = boot->to_number<std::int64_t>();
      if (d.contains("given")) out.state.delivered.back().given = text(d, "given");
    }
    for (const auto& [container, digests] : o.at("applied").as_object())
      for (const auto& [secret, digest] : digests.as_object())
        out.state.applied[container][secret] = std::string(digest.as_string());
    out.state.last_rotation = texts(o.at("last_rotation").as_object());
    if (const json::value* refused = o.if_contains("refused")) out.state.refused = texts(refused->as_object());
    if (const json::value* given = o.if_contains("refused_given")) out.state.refused_given = texts(given->as_object());
    if (const json::value* restarting = o.if_contains("restarting")) out.state.restarting = times(restarting->as_object());
    if (const json::value* monitored = o.if_contains("monitored")) out.state.monitored = monitored_from(monitored->as_object());
    if (const json::value* names = o.if_contains("given_names"))
      for (const json::value& name : names->as_array()) out.state.given_names.emplace_back(name.as_string());
    if (o.contains("previous_scope")) out.state.previous_scope = text(o, "previous_scope");
    return out;
  });
}

}  // namespace dso::delivery
