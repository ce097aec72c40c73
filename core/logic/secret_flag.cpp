// Splits a spec at its first bare ':' or '=' and starts from the config's entry for that secret.
#include "logic/secret_flag.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "logic/pinned_version.h"
#include "logic/reference.h"
#include "logic/resolve_targets.h"
#include "logic/steering_names.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr const char* kExamples =
    "Examples: --secret myapp/db, --secret myapp/db=/run/secrets/, --secret myapp/db#password:DB_PASSWORD, "
    "--secret myapp/db:user=DB_USER,password=DB_PASSWORD";

Error bad_spec(std::string_view spec, std::string cause, std::string next = kExamples) {
  Error e;
  e.cls = ErrorClass::usage;
  e.what = "Cannot read --secret '" + std::string(spec) + "'";
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

struct Parts {
  std::string name;
  char separator = 0;  ///< ':', '=' or 0 for none.
  std::string rest;
};

Parts split_spec(std::string_view spec) {
  Parts out;
  for (std::size_t i = 0; i < spec.size(); ++i) {
    const char c = spec[i];
    if (c == '\\' && i + 1 < spec.size() && (spec[i + 1] == ':' || spec[i + 1] == '=' || spec[i + 1] == '\\')) {
      out.name += spec[++i];
      continue;
    }
    if (c == ':' || (c == '=' && !out.name.ends_with(kPin.substr(0, kPin.size() - 1)))) {
      out.separator = c;
      out.rest = spec.substr(i + 1);
      return out;
    }
    out.name += c;
  }
  return out;
}

/// The field's own name in upper case, unless that steers programs: then it must be written out.
Result<Mapping> as_variable(std::string_view spec, const std::string& field) {
  const std::string name = env_name_from(field);
  if (auto why = why_not_unasked(name)) {
    const std::string_view head = spec.ends_with(':') ? spec.substr(0, spec.size() - 1) : spec;
    return bad_spec(spec, std::move(*why),
                    "Name another variable behind it, or, if you mean it, this one: " + std::string(head) + ":" + name + ".");
  }
  return Mapping{field, name};
}

Result<std::vector<Mapping>> env_mappings(std::string_view spec, const Parts& parts, const std::string& field) {
  std::vector<Mapping> out;
  if (parts.rest.empty()) {
    if (field.empty()) return out;
    DSO_TRY(Mapping mapping, as_variable(spec, field));
    out.push_back(std::move(mapping));
    return out;
  }
  if (parts.rest.find('=') == std::string::npos) {
    if (parts.rest.front() == '/')
      return bad_spec(spec, "'" + parts.rest + "' is a path, and ':' is followed by a variable's name",
                      "For a file write " + parts.name + "=" + parts.rest);
    if (!is_variable_name(parts.rest)) return bad_spec(spec, "'" + parts.rest + "' is not a variable's name");
    out.push_back({field, parts.rest});
    return out;
  }
  if (!field.empty()) return bad_spec(spec, "both '#" + field + "' and FIELD=ENV name fields");
  std::string_view left = parts.rest;
  while (true) {
    const auto comma = left.find(',');
    const std::string_view one = left.substr(0, comma);
    const auto eq = one.rfind('=');
    if (eq == std::string_view::npos || eq == 0) return bad_spec(spec, "'" + std::string(one) + "' is not FIELD=ENV");
    const std::string_view env = one.substr(eq + 1);
    if (!is_variable_name(env)) return bad_spec(spec, "'" + std::string(env) + "' is not a variable's name");
    out.push_back({std::string(one.substr(0, eq)), std::string(env)});
    if (comma == std::string_view::npos) break;
    left.remove_prefix(comma + 1);
  }
  return out;
}

/// NAME or NAME#field: the config's way, narrowed to the field.
Result<void> narrow(std::string_view spec, DeliveryItem& item, const std::string& field) {
  if (field.empty()) return {};
  std::vector<Mapping> kept;
  for (const Mapping& m : item.mappings)
    if (m.field == field) kept.push_back(m);
  if (kept.empty() && item.inject.type == InjectType::env) {
    DSO_TRY(Mapping mapping, as_variable(spec, field));
    kept.push_back(std::move(mapping));
  } else if (kept.empty()) {
    kept.push_back({field, field});
  }
  item.mappings = std::move(kept);
  return {};
}

Result<void> as_file(std::string_view spec, DeliveryItem& item, const std::string& path, const std::string& field) {
  if (path.empty() || path[0] != '/') {
    const bool variable = is_env_name(path);
    return bad_spec(spec, "'" + path + "' is not an absolute path",
                    variable ? "For a variable write NAME:" + path + ". " + kExamples : kExamples);
  }
  if (item.inject.type != InjectType::file) item.inject = Inject{};
  item.inject.path = path;
  item.mappings.clear();
  if (field.empty()) return {};
  if (path.back() == '/') {
    item.mappings.push_back({field, field});
    return {};
  }
  const auto slash = path.rfind('/');
  item.inject.path = path.substr(0, slash + 1);
  item.mappings.push_back({field, path.substr(slash + 1)});
  return {};
}

}  // namespace

Result<DeliveryItem> parse_secret_flag(std::string_view spec, const Config& config) {
  const Parts parts = split_spec(spec);
  if (parts.name.empty()) return bad_spec(spec, "it does not name a secret");
  auto reference = parse_reference(parts.name, config);
  if (reference.has_error()) {
    const Error& e = reference.error();
    return bad_spec(spec, e.cause.empty() ? e.what : e.cause, e.next.empty() ? kExamples : e.next);
  }
  DeliveryItem item = item_for(config, reference->key);
  const std::string& field = reference->field;
  if (parts.separator == 0) {
    DSO_CHECK(narrow(spec, item, field));
    return item;
  }
  if (parts.separator == '=') {
    DSO_CHECK(as_file(spec, item, parts.rest, field));
    return item;
  }
  DSO_TRY(auto mappings, env_mappings(spec, parts, field));
  const bool visible = item.inject.type == InjectType::env && item.inject.visible;
  item.inject = Inject{};
  item.inject.type = InjectType::env;
  item.inject.visible = visible;
  item.mappings = std::move(mappings);
  return item;
}

bool same_item(const DeliveryItem& a, const DeliveryItem& b) {
  return a.secret == b.secret && a.inject == b.inject && a.mappings == b.mappings;
}

Result<std::vector<DeliveryItem>> merge_items(std::vector<DeliveryItem> found, const std::vector<DeliveryItem>& asked) {
  std::map<std::string, SecretKey> variables, paths;  // and whose they are
  const auto twice = [](const std::string& what) {
    Error e;
    e.cls = ErrorClass::usage;
    e.what = "Cannot deliver the secrets as asked";
    e.cause = what + " is asked for twice";
    e.next = "Give each --secret a variable or a path of its own.";
    return e;
  };
  const auto taken = [](std::map<std::string, SecretKey>& by, const std::string& what, const DeliveryItem& item) {
    return by.emplace(what, item.secret).first->second != item.secret;
  };
  for (DeliveryItem item : asked) {
    if (std::any_of(found.begin(), found.end(), [&](const DeliveryItem& f) { return same_item(f, item); })) continue;
    const bool env = item.inject.type == InjectType::env;
    for (const Mapping& m : item.mappings) {
      if (env && taken(variables, m.dest, item)) return twice("the variable " + m.dest);
      if (!env && !item.inject.path.empty() && taken(paths, item.inject.path + "\n" + m.dest, item))
        return twice("the file " + item.inject.path + m.dest);
    }
    if (item.mappings.empty() && !env && !item.inject.path.empty() && item.inject.path.back() != '/' &&
        taken(paths, item.inject.path, item))
      return twice("the file " + item.inject.path);
    auto same = std::find_if(found.begin(), found.end(), [&](const DeliveryItem& f) {
      return env && f.secret == item.secret && f.inject == item.inject && !f.mappings.empty() && !item.mappings.empty();
    });
    if (same == found.end()) {
      found.push_back(std::move(item));
      continue;
    }
    for (Mapping& m : item.mappings)  // one that is there is the same delivery
      if (std::find(same->mappings.begin(), same->mappings.end(), m) == same->mappings.end())
        same->mappings.push_back(std::move(m));
  }
  return found;
}

}  // namespace dso
