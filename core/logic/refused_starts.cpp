// Reads the engine's own words, of which these are stable since 20.10: the path, and that it is not there.
#include "logic/refused_starts.h"

#include <algorithm>

#include "logic/mounted_scopes.h"
#include "logic/rotation_names.h"

namespace dso {
namespace {

bool policy_starts_it(const std::string& policy) {
  return policy == "always" || policy == "unless-stopped" || policy == "on-failure";
}

/// runc: `error mounting "/run/dso/secrets/x/…" …: no such file or directory`; the engine: `bind source path does not exist:
/// /run…`.
bool misses(std::string_view error, std::string_view folder) {
  const std::size_t at = error.find(folder);
  if (at == std::string_view::npos) return false;
  // "…/web" is not "…/web2": behind the scope's folder comes a folder in it.
  const std::string_view behind = error.substr(at + folder.size());
  if (!behind.starts_with('/')) return false;
  return error.find("no such file or directory") != std::string_view::npos ||
         error.find("does not exist") != std::string_view::npos;
}

bool of_a_rotation_in_progress(const Container& c) {
  if (!c.label_or(label::kRole).empty() && c.name != c.label_or(label::kService)) return true;
  return c.name.ends_with(old_name(""));
}

}  // namespace

bool refused_for_its_secrets(const Container& c, std::string_view secrets_dir) {
  const auto scopes = mounted_scopes(c, secrets_dir);
  return c.state == "exited" && policy_starts_it(c.restart_policy) && !of_a_rotation_in_progress(c) &&
         std::any_of(scopes.begin(), scopes.end(),
                     [&](const std::string& id) { return misses(c.start_error, std::string(secrets_dir) + "/" + id); });
}

bool refused_for_its_volume(const Container& c) {
  return c.state == "exited" && policy_starts_it(c.restart_policy) && !of_a_rotation_in_progress(c) &&
         c.start_error.find("error while mounting volume") != std::string::npos;
}

}  // namespace dso
