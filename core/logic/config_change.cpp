// Instances and secrets are compared by all that they are; the rest as `dso config show` shows it.
#include "logic/config_change.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "logic/config_rows.h"

namespace dso {
namespace {

/// What is made once, at the agent's start.
constexpr std::string_view kOnlyAtStart[] = {"agent.memory.locked", "agent.metrics.listen", "agent.rotation.max_parallel"};

auto all_of(const ProviderInstance& i) {
  return std::tie(i.type, i.settings, i.auth_method, i.auth_params, i.retry_attempts, i.retry_backoff, i.timeout, i.sandbox);
}
auto all_of(const SecretConfig& s) {
  return std::tie(s.inject, s.rotation, s.reload, s.health_check_timeout, s.targets.containers, s.targets.labels, s.mappings);
}
std::string name_of(const ProviderInstance& i) {
  return i.name;
}
std::string name_of(const SecretConfig& s) {
  return s.provider + "/" + s.name;
}

template <class T>
std::map<std::string, std::vector<const T*>> by_name(const std::vector<T>& items) {
  std::map<std::string, std::vector<const T*>> out;
  for (const T& item : items) out[name_of(item)].push_back(&item);
  return out;
}

template <class T>
NamesChanged compare(const std::vector<T>& before, const std::vector<T>& after) {
  NamesChanged out;
  const auto old = by_name(before), now = by_name(after);
  for (const auto& [name, items] : old)
    if (!now.contains(name)) out.removed.insert(name);
  for (const auto& [name, items] : now) {
    const auto was = old.find(name);
    if (was == old.end())
      out.added.insert(name);
    else if (!std::equal(items.begin(), items.end(), was->second.begin(), was->second.end(),
                         [](const T* a, const T* b) { return all_of(*a) == all_of(*b); }))
      out.changed.insert(name);
  }
  return out;
}

std::map<std::string, std::string> settings_of(const Config& config) {
  std::map<std::string, std::string> out;
  for (const ConfigRow& row : config_rows(config, {}))
    if (!row.key.starts_with("providers.") && !row.key.starts_with("secrets[")) out[row.key] = row.value;
  return out;
}

std::string listed(const std::set<std::string>& names, const char* what) {
  if (names.empty()) return {};
  constexpr std::size_t kShown = 8;
  std::string out = std::to_string(names.size()) + " " + what + " (";
  std::size_t n = 0;
  for (const std::string& name : names) {
    if (n == kShown) {
      out += ", …";
      break;
    }
    out += (n++ == 0 ? "" : ", ") + name;
  }
  return out + ")";
}

std::string shown(const char* of, const NamesChanged& c) {
  std::string out;
  for (const std::string& part : {listed(c.added, "added"), listed(c.removed, "removed"), listed(c.changed, "changed")})
    if (!part.empty()) out += (out.empty() ? "" : ", ") + part;
  return out.empty() ? out : std::string(of) + ": " + out;
}

}  // namespace

std::set<std::string> ConfigChange::outdated() const {
  std::set<std::string> out = instances.removed;
  out.insert(instances.changed.begin(), instances.changed.end());
  return out;
}

ConfigChange config_change(const Config& before, const Config& after) {
  ConfigChange out;
  out.instances = compare(before.providers, after.providers);
  out.secrets = compare(before.secrets, after.secrets);
  // counts where nobody names one
  if (!before.providers.empty() && !after.providers.empty() && before.providers.front().name != after.providers.front().name)
    out.settings.push_back("the first provider instance: " + before.providers.front().name + " -> " +
                           after.providers.front().name);
  auto old = settings_of(before);
  const auto now = settings_of(after);
  for (const auto& [key, value] : now) old.try_emplace(key, "-");
  for (const auto& [key, was] : old) {
    const auto is = now.find(key);
    const std::string value = is == now.end() ? "-" : is->second;
    if (value == was) continue;
    out.settings.push_back(key + ": " + was + " -> " + value);
    if (std::ranges::find(kOnlyAtStart, key) != std::end(kOnlyAtStart)) out.later.push_back(key);
  }
  return out;
}

std::string config_change_text(const ConfigChange& change) {
  std::vector<std::string> parts;
  for (std::string part : {shown("provider instances", change.instances), shown("secrets", change.secrets)})
    if (!part.empty()) parts.push_back(std::move(part));
  parts.insert(parts.end(), change.settings.begin(), change.settings.end());
  if (parts.empty()) return "Nothing in it has changed";
  std::string out, later;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  for (const std::string& key : change.later) later += (later.empty() ? "" : ", ") + key;
  if (!later.empty()) out += ". What counts only from the agent's next start on: " + later + " (systemctl restart dso-agent)";
  return out;
}

}  // namespace dso
