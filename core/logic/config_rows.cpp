// The rows in the order of docs/config.md; places in the file come from the same tree that was parsed.
#include "logic/config_rows.h"

#include <algorithm>
#include <map>

#include "logic/config_findings.h"
#include "logic/config_instance.h"
#include "logic/config_keys.h"
#include "logic/config_yaml.h"
#include "logic/duration.h"
#include "logic/plan_reload.h"

namespace dso {
namespace {

using Lines = std::map<std::string, int>;

void note_lines(const YamlNode& node, const std::string& path, Lines& lines) {
  for (const YamlEntry& e : node.entries) {
    const std::string key = path.empty() ? e.key : path + "." + e.key;
    lines[key] = e.key_pos.line;
    note_lines(e.value, key, lines);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) note_lines(node.items[i], path + "[" + std::to_string(i) + "]", lines);
}

constexpr const char* kHidden = "(hidden)";

/// Without what a URL may carry beside its host: a password (a proxy's), which may hold any character, and a signed query.
std::string without_url_secrets(std::string value) {
  const auto scheme = value.find("://");
  const auto host = scheme == std::string::npos ? 0 : scheme + 3;
  const auto at = value.rfind('@');
  if (at != std::string::npos && at >= host && (host > 0 || value.find(':') < at)) value.replace(host, at - host, kHidden);
  if (const auto query = value.find('?'); host > 0 && query != std::string::npos)
    value.replace(query + 1, std::string::npos, kHidden);
  return value;
}

/// `known`: a key that DSO itself gives a meaning. What only a drop-in knows may be a credential, whatever it is called.
std::string shown(std::string_view key, const std::string& value, bool known) {
  if (is_credential(key) || (!known && !key.ends_with("_file"))) return kHidden;
  return without_url_secrets(value);
}

std::string bool_text(bool value) {
  return value ? "true" : "false";
}

std::string four_octal_digits(std::uint32_t mode) {
  std::string out;
  for (int shift = 9; shift >= 0; shift -= 3) out += static_cast<char>('0' + ((mode >> shift) & 7));
  return out;
}

class Rows {
 public:
  Rows(const Config& config, Lines lines) : config_(config), lines_(std::move(lines)) {}

  std::vector<ConfigRow> take() {
    for (const ProviderInstance& p : config_.providers) instance(p);
    agent();
    add({"defaults.rotation"}, bool_text(config_.default_rotation), "true");
    inject({"defaults.inject"}, config_.default_inject);
    reload({"defaults.reload_strategy"}, config_.default_reload);
    add({"logging.level"}, config_.log_level, "info");
    add({"logging.format"}, config_.log_format, "text");
    for (std::size_t i = 0; i < config_.secrets.size(); ++i) secret(config_.secrets[i], "secrets[" + std::to_string(i) + "]");
    return std::move(rows_);
  }

 private:
  using Places = std::vector<std::string>;  ///< The first names the row; any of them may be where it was said.

  void add(const Places& places, const std::string& value, const std::string& by_default) {
    for (const std::string& place : places)
      if (const auto line = lines_.find(place); line != lines_.end()) {
        rows_.push_back({places[0], value, config_.file + ":" + std::to_string(line->second)});
        return;
      }
    rows_.push_back({places[0], value, value == by_default ? "default" : config_.file.empty() ? "default" : config_.file});
  }
  static Places below(const Places& places, const std::string& key) {
    Places out;
    for (const std::string& place : places) {
      out.push_back(place + "." + key);
      if (key == "type") out.push_back(place);  // as one word: "inject: env"
    }
    return out;
  }

  void instance(const ProviderInstance& p) {
    const ProviderInstance by_default;
    const Places at{"providers." + p.name, "config"};
    add({at[0] + ".type", "provider"}, p.type, "local");
    for (const auto& [key, value] : p.settings) {
      Places places = below(at, key);
      places.push_back(at[0] + ".config." + key);
      add(places, shown(key, value, find_key(config_place("providers.*"), key) != nullptr), "");
    }
    if (!p.auth_method.empty()) add(below(at, "auth.method"), p.auth_method, "");
    const auto params = auth_params(p.type);
    for (const auto& [key, value] : p.auth_params)
      add(below(at, "auth.params." + key), shown(key, value, std::find(params.begin(), params.end(), key) != params.end()), "");
    add(below(at, "retry.attempts"), std::to_string(p.retry_attempts), std::to_string(by_default.retry_attempts));
    add(below(at, "retry.backoff"), format_duration(p.retry_backoff), format_duration(by_default.retry_backoff));
    add(below(at, "timeout"), format_duration(p.timeout), format_duration(by_default.timeout));
    add(below(at, "sandbox"), p.sandbox, by_default.sandbox);
  }

  void agent() {
    const AgentConfig &a = config_.agent, by_default;
    const auto duration = [&](const char* key, auto AgentConfig::*member) {
      add({key}, format_duration(a.*member), format_duration(by_default.*member));
    };
    duration("agent.watch.polling_interval", &AgentConfig::polling_interval);
    duration("agent.watch.debounce.quiet", &AgentConfig::debounce_quiet);
    duration("agent.watch.debounce.max", &AgentConfig::debounce_max);
    add({"agent.rotation.strategy"}, std::string(strategy_name(a.rotation.type)),
        std::string(strategy_name(by_default.rotation.type)));
    const bool by_signal = a.rotation.type == Strategy::signal;
    add({"agent.rotation.signal"}, a.rotation.signal.empty() ? "none" : a.rotation.signal, by_signal ? "SIGHUP" : "none");
    add({"agent.rotation.max_parallel"}, std::to_string(a.max_parallel), std::to_string(by_default.max_parallel));
    duration("agent.rotation.health_check_timeout", &AgentConfig::health_check_timeout);
    duration("agent.rotation.drain_timeout", &AgentConfig::drain_timeout);
    duration("agent.rotation.monitor", &AgentConfig::monitor);
    const auto locked = [](const AgentConfig& c) { return std::string(c.memory_must_be_locked ? "required" : "preferred"); };
    add({"agent.memory.locked"}, locked(a), locked(by_default));
    add({"agent.metrics.listen"}, a.metrics_listen.empty() ? "off" : a.metrics_listen, "off");
    add({"agent.read.labels"}, bool_text(a.read_labels), "true");
  }

  void inject(const Places& at, const Inject& i) {
    add(below(at, "type"), i.type == InjectType::env ? "env" : "file", "file");
    if (i.type == InjectType::env) {
      add(below(at, "visible"), bool_text(i.visible), "false");
      return;
    }
    add(below(at, "path"), i.path.empty() ? "/run/secrets" : i.path, "/run/secrets");
    if (i.uid) add(below(at, "uid"), std::to_string(*i.uid), "");
    if (i.gid) add(below(at, "gid"), std::to_string(*i.gid), "");
    if (i.mode) add(below(at, "mode"), four_octal_digits(*i.mode), "");
  }

  void reload(const Places& at, const ReloadStrategy& r) {
    const ReloadStrategy by_default;
    add(below(at, "type"), std::string(strategy_name(r.type)), std::string(strategy_name(by_default.type)));
    if (r.type == Strategy::signal || (r.type == Strategy::automatic && !r.signal.empty()))
      add(below(at, "signal"), r.signal, r.type == Strategy::signal ? "SIGHUP" : "");
  }

  void secret(const SecretConfig& s, const std::string& at) {
    add({at + ".name"}, s.name, "");
    add({at + ".provider"}, s.provider, config_.providers.front().name);
    inject({at + ".inject", "defaults.inject"}, s.inject);
    add({at + ".rotation", "defaults.rotation"}, bool_text(s.rotation), "true");
    reload({at + ".reload_strategy", "defaults.reload_strategy", "agent.rotation"}, s.reload);
    for (const std::string& c : s.targets.containers) add({at + ".targets.containers"}, c, "");
    for (const auto& [key, value] : s.targets.labels)
      add({at + ".targets.labels." + key, at + ".targets.labels", at + ".targets"}, value, "");
    for (const Mapping& m : s.mappings) add({at + ".mappings." + m.field, at + ".mappings"}, m.dest, "");
  }

  const Config& config_;
  const Lines lines_;
  std::vector<ConfigRow> rows_;
};

}  // namespace

std::vector<ConfigRow> config_rows(const Config& config, std::string_view text) {
  Lines lines;
  ConfigFindings ignored(config.file);  // reported when it was parsed
  if (!text.empty()) note_lines(load_yaml(text, ignored), "", lines);
  return Rows(config, std::move(lines)).take();
}

}  // namespace dso
