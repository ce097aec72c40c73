// One item after the other: its values, their names, then the checks that need all of them together.
#include "logic/plan_delivery.h"

#include <algorithm>
#include <set>

#include "logic/delivery_names.h"
#include "logic/secret_json.h"
#include "logic/steering_names.h"
#include "logic/value_template.h"

namespace dso {
namespace {

constexpr std::size_t kMaxEnvString = 131072;  // the kernel's MAX_ARG_STRLEN: "NAME=value" with its NUL
constexpr const char* kDefaultFolder = "/run/secrets";

Error refuse(ErrorClass cls, const SecretKey& secret, const std::string& what, std::string cause, std::string next) {
  return Error{cls, "Cannot deliver " + what + " of secret '" + secret.name + "'", std::move(cause), std::move(next), {}, {}, {},
               {}};
}

/// A value and where it is to go, before names and folders are settled.
struct Wanted {
  std::string field;  ///< As config or store name it, for messages.
  std::string dest;   ///< The mapping's; the field's own name without one.
  bool mapped = false;
  bool lone = false;  ///< The whole secret is this one value.
  std::string_view content;
};

Result<std::vector<Wanted>> wanted_values(const DeliveryItem& item, const SecretValue& value, DeliveryPlan& plan) {
  std::vector<Wanted> out;
  if (item.mappings.empty()) {
    if (value.fields.empty())
      return refuse(ErrorClass::invalid_request, item.secret, "the fields", "it has none (an empty JSON object)",
                    "Put at least one field into it, or remove it from the config.");
    const bool lone = value.fields.size() == 1 && value.fields[0].name == "value";
    for (const SecretField& f : value.fields) {
      std::string dest = lone ? std::string(last_segment(item.secret.name)) : f.name;
      out.push_back({f.name, std::move(dest), false, lone, f.value.reveal()});
    }
    return out;
  }
  for (const Mapping& m : item.mappings) {
    Wanted w{m.field, m.dest, true, false, {}};
    if (const SecretField* f = value.find(m.field)) {
      w.content = f->value.reveal();
    } else {
      auto made = is_template(m.field) ? render_template(value, m.field) : select_field(value, m.field);
      if (made.has_error())
        return refuse(ErrorClass::config, item.secret, "the field '" + m.field + "'", made.error().cause,
                      "Correct the field under `mappings`, or add it in the store.");
      plan.derived.push_back(std::move(*made));
      w.content = plan.derived.back().reveal();
    }
    out.push_back(std::move(w));
  }
  return out;
}

struct Place {
  std::string folder, name;
};

Place split_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

Place place_in(const Wanted& w, std::string path, bool only_file) {
  if (w.mapped && w.dest.starts_with('/')) return split_path(w.dest);
  if (path.empty()) return {kDefaultFolder, w.dest};
  if (path.ends_with('/')) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return {path, w.dest};
  }
  return only_file ? split_path(path) : Place{path, w.dest};
}

/// An explicit owner or mode wins; a known owner reads alone; an unknown one is any user inside the container, as with Docker's
/// own secrets (nobody else can reach the folder: it is closed above).
void set_owner(PlannedFile& file, const Inject& inject, const Scope& scope) {
  file.uid = inject.uid ? inject.uid : scope.user_uid;
  file.gid = inject.gid ? inject.gid : inject.uid ? std::nullopt : scope.user_gid;
  if (inject.mode)
    file.mode = *inject.mode;
  else if (inject.gid && !inject.uid)
    file.mode = 0440;  // a group was asked for: it is meant to read
  else
    file.mode = file.uid ? 0400 : 0444;
}

/// Two mappings that agree are one delivery.
bool is_there(const std::vector<PlannedFile>& files, const PlannedFile& file) {
  return std::any_of(files.begin(), files.end(), [&](const PlannedFile& f) {
    return f.folder == file.folder && f.name == file.name && f.secret == file.secret && f.field == file.field &&
           f.uid == file.uid && f.gid == file.gid && f.mode == file.mode;
  });
}

/// "secret 'db' gives a file of that path too", of two that do not agree.
template <class Planned>
std::string gives_too(const Planned& first, const Planned& second, const std::string& what) {
  if (first.secret != second.secret) return "secret '" + first.secret.name + "' gives a " + what + " too";
  if (first.field != second.field) return "its field '" + first.field + "' gives a " + what + " too";
  return "it is asked for twice, with different owners or modes";
}

Result<void> add_files(const Scope& scope, const DeliveryItem& item, const std::vector<Wanted>& wanted, DeliveryPlan& plan) {
  const std::string& path = item.inject.path;
  if (!path.empty() && !path.starts_with('/'))
    return refuse(ErrorClass::config, item.secret, "the files", "inject.path '" + path + "' is not absolute",
                  "Begin it with '/'.");
  for (const Wanted& w : wanted) {
    const std::string what = "the field '" + w.field + "'";
    const Place place = place_in(w, path, wanted.size() == 1);
    if (auto why = why_not_file_name(place.name))
      return refuse(ErrorClass::config, item.secret, what, "'" + place.name + "' cannot be its file: " + *why,
                    "Give it a name with `mappings: {" + w.field + ": some-name}`.");
    if (auto why = why_not_folder(place.folder))
      return refuse(ErrorClass::config, item.secret, what,
                    "its folder would be '" + (place.folder.empty() ? "/" : place.folder) + "': " + *why,
                    "DSO mounts whole folders: choose one of its own, as /run/secrets/.");
    PlannedFile file;
    file.folder = place.folder;
    file.name = place.name;
    file.content = w.content;
    file.secret = item.secret;
    file.field = w.field;
    set_owner(file, item.inject, scope);
    if (!is_there(plan.files, file)) plan.files.push_back(std::move(file));
  }
  return {};
}

Result<void> add_env(const DeliveryItem& item, const std::vector<Wanted>& wanted, DeliveryPlan& plan) {
  for (const Wanted& w : wanted) {
    const std::string what = "the field '" + w.field + "'";
    const std::string name = w.mapped ? w.dest : w.lone ? env_name_of_secret(w.dest) : env_name_of_field(w.dest);
    if (auto why = why_not_env_name(name, w.mapped))
      return refuse(ErrorClass::config, item.secret, what, *why,
                    "Name the variable with `mappings: {" + w.field + ": SOME_NAME}`.");
    if (auto why = w.mapped ? std::nullopt : why_not_unasked(name))
      return refuse(ErrorClass::config, item.secret, what, *why,
                    "Map it to another name, or, if you mean it, to this one: `mappings: {" + w.field + ": " + name + "}`.");
    if (w.content.find('\0') != std::string_view::npos)
      return refuse(ErrorClass::invalid_request, item.secret, what, "the value has a NUL byte, which no variable can hold",
                    "Deliver it as a file (inject: file).");
    if (name.size() + w.content.size() + 2 > kMaxEnvString)
      return refuse(ErrorClass::invalid_request, item.secret, what,
                    "the value has " + std::to_string(w.content.size()) + " bytes, a variable holds less than 128 KiB",
                    "Deliver it as a file (inject: file).");
    const bool there = std::any_of(plan.env.begin(), plan.env.end(), [&](const PlannedEnv& e) {
      return e.name == name && e.secret == item.secret && e.field == w.field;
    });
    if (!there) plan.env.push_back({name, w.content, item.secret, w.field});
  }
  return {};
}

/// What no item alone can see.
Result<void> check_together(const DeliveryPlan& plan) {
  std::map<std::string, std::size_t> paths, names;
  for (std::size_t i = 0; i < plan.files.size(); ++i) {
    const std::string path = plan.files[i].folder + "/" + plan.files[i].name;
    if (auto [it, is_new] = paths.emplace(path, i); !is_new)
      return refuse(ErrorClass::config, plan.files[i].secret, "the file '" + path + "'",
                    gives_too(plan.files[it->second], plan.files[i], "file of that path"),
                    "Give one of them another name with `mappings`, or another inject.path.");
  }
  for (const auto& [path, i] : paths)
    for (const PlannedFile& other : plan.files)
      if (other.folder == path || is_below(other.folder, path))
        return refuse(ErrorClass::config, plan.files[i].secret, "the file '" + path + "'",
                      "another file needs a folder of that name",
                      "Give one of them another name with `mappings`, or another inject.path.");
  for (const PlannedFile& one : plan.files)
    for (const PlannedFile& other : plan.files)
      if (one.folder != other.folder && !is_below(other.folder, one.folder) &&
          is_at_or_below(as_linked(other.folder), as_linked(one.folder)))
        return refuse(ErrorClass::config, other.secret, "the file '" + other.folder + "/" + other.name + "'",
                      "other files are for '" + one.folder +
                          "', and in most images /var/run is /run, so that one mount would lie in the other",
                      "Write both folders alike.");
  for (std::size_t i = 0; i < plan.env.size(); ++i)
    if (auto [it, is_new] = names.emplace(plan.env[i].name, i); !is_new)
      return refuse(ErrorClass::config, plan.env[i].secret, "the variable " + plan.env[i].name,
                    gives_too(plan.env[it->second], plan.env[i], "variable of that name"),
                    "Give one of them another name with `mappings`.");
  return {};
}

}  // namespace

Result<DeliveryPlan> plan_delivery(const Scope& scope, const std::map<SecretKey, const SecretValue*>& values) {
  DeliveryPlan plan;
  for (const DeliveryItem& item : scope.items) {
    auto found = values.find(item.secret);
    if (found == values.end() || !found->second)
      return refuse(ErrorClass::invalid_request, item.secret, "the fields", "it was not fetched", "Run `dso fetch` to see why.");
    DSO_TRY(const std::vector<Wanted> wanted, wanted_values(item, *found->second, plan));
    DSO_CHECK(item.inject.type == InjectType::file ? add_files(scope, item, wanted, plan) : add_env(item, wanted, plan));
  }
  DSO_CHECK(check_together(plan));
  return plan;
}

Result<DeliveryPlan> plan_of_values(const Scope& scope, const std::map<SecretKey, SecretValue>& values) {
  std::map<SecretKey, const SecretValue*> borrowed;
  for (const auto& [key, value] : values) borrowed.emplace(key, &value);
  return plan_delivery(scope, borrowed);
}

}  // namespace dso
