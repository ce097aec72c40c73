// The checks over the whole config.
#include "logic/validate_config.h"

#include <map>
#include <string_view>

#include "logic/text.h"

namespace dso {
namespace {

std::vector<std::string_view> instance_names(const Config& config) {
  std::vector<std::string_view> out;
  for (const ProviderInstance& p : config.providers) out.push_back(p.name);
  return out;
}

void check_provider(const Config& config, const SecretConfig& secret, const SecretMarks& marks, ConfigFindings& findings) {
  if (!config.find_provider(secret.provider)) {
    const auto names = instance_names(config);
    findings.error(marks.provider, marks.path + ".provider", "there is no provider " + in_quotes(secret.provider),
                   suggest(secret.provider, names));
    return;
  }
  const std::string first = secret.name.substr(0, secret.name.find('/'));
  if (marks.by_path || !marks.named_provider.empty() || first == secret.name || !config.find_provider(first)) return;
  findings.warn(marks.name, marks.path + ".name",
                "begins with " + in_quotes(first) + ", which is a provider's name too, and is asked of " +
                    in_quotes(secret.provider) + " as a whole",
                "Write 'provider: " + printable(first) + "' and 'name: " + printable(secret.name.substr(first.size() + 1)) +
                    "', or name the provider to confirm it.");
}

/// A running process's environment is fixed at its start: no signal changes it.
void check_env_signal(const SecretConfig& secret, const SecretMarks& marks, ConfigFindings& findings) {
  if (secret.inject.type != InjectType::env || secret.reload.type != Strategy::signal || !secret.rotation) return;
  std::string message = "a signal cannot bring a new value: the environment of a running process cannot change";
  const std::string hint = "Use reload_strategy: {type: restart} (or rolling), or inject: file.";
  if (marks.own_reload)
    findings.error(marks.reload, marks.path + ".reload_strategy", std::move(message), hint);
  else
    findings.error(marks.own_inject ? marks.inject : marks.name, marks.path + ".inject", std::move(message),
                   "The strategy comes from the defaults. " + hint);
}

/// The same secret may be there again for other containers, with other settings.
void check_duplicates(const Config& config, const std::vector<SecretMarks>& marks, ConfigFindings& findings) {
  using Key = std::tuple<std::string_view, std::string_view, std::vector<std::string>, std::map<std::string, std::string>>;
  std::map<Key, const SecretConfig*> seen;
  for (std::size_t i = 0; i < config.secrets.size(); ++i) {
    const SecretConfig& s = config.secrets[i];
    if (s.name.empty()) continue;
    const auto [first, fresh] = seen.emplace(Key{s.provider, s.name, s.targets.containers, s.targets.labels}, &s);
    if (fresh) continue;
    findings.error(marks[i].name, marks[i].path + ".name",
                   "the secret " + in_quotes(s.name) + " of the provider " + in_quotes(s.provider) + " is there twice",
                   "It is first given in line " + std::to_string(first->second->pos.line) +
                       "; only with different targets may it be there again.");
  }
}

}  // namespace

void validate_config(const Config& config, const std::vector<SecretMarks>& marks, ConfigFindings& findings) {
  for (std::size_t i = 0; i < config.secrets.size(); ++i) {
    check_provider(config, config.secrets[i], marks[i], findings);
    check_env_signal(config.secrets[i], marks[i], findings);
  }
  check_duplicates(config, marks, findings);
  const bool env = config.default_inject.type == InjectType::env, signal = config.default_reload.type == Strategy::signal;
  if (env && signal && config.default_rotation && config.secrets.empty())
    findings.error({}, "defaults", "a signal cannot bring a new value: the environment of a running process cannot change",
                   "Use the strategy restart (or rolling), or inject: file.");
}

}  // namespace dso
