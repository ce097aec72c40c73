// The agent's timing and limits, and the defaults for secrets.
#include "logic/config_agent.h"

#include <charconv>

#include "logic/config_inject.h"
#include "logic/duration.h"
#include "logic/text.h"

namespace dso {
namespace {

using namespace std::chrono_literals;

constexpr DurationBounds kPollingBounds{1s, 24h};
constexpr DurationBounds kQuietBounds{0ms, 10min};
constexpr DurationBounds kMaxBounds{0ms, 1h};
constexpr DurationBounds kDrainBounds{0ms, 1h};
constexpr DurationBounds kMonitorBounds{0ms, 1h};

/// "127.0.0.1:9477", "[::1]:9477", "localhost:9477", ":9477".
bool is_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view host = text.substr(0, colon), digits = text.substr(colon + 1);
  int port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failed != std::errc() || end != digits.data() + digits.size() || port < 1 || port > 65535) return false;
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  return bracketed || host.find_first_of(":[]/ ") == std::string_view::npos;
}

void read_debounce(const ConfigSection& watch, AgentConfig& agent) {
  const auto section = watch.section("debounce", "agent.watch.debounce");
  if (!section) return;
  const auto quiet = section->duration("quiet", kQuietBounds);
  const auto max = section->duration("max", kMaxBounds);
  agent.debounce_quiet = quiet.value_or(agent.debounce_quiet);
  agent.debounce_max = max.value_or(agent.debounce_max);
  if (agent.debounce_max >= agent.debounce_quiet) return;
  section->error(max ? "max" : "quiet",
                 "'max' (" + format_duration(agent.debounce_max) + ") is shorter than 'quiet' (" +
                     format_duration(agent.debounce_quiet) + ")",
                 "A change waits 'quiet' after the last one, and 'max' at the most.");
}

void read_watch(const ConfigSection& section, AgentConfig& agent) {
  const auto watch = section.section("watch", "agent.watch");
  if (!watch) return;
  agent.polling_interval = watch->duration("polling_interval", kPollingBounds).value_or(agent.polling_interval);
  if (watch->choice("mode"))
    watch->warn("mode", "is ignored: DSO polls, and listens wherever a store or the engine tells it more", "Leave it out.");
  read_debounce(*watch, agent);
}

ReloadSetting read_rotation_section(const ConfigSection& section, Config& config) {
  const auto rotation = section.section("rotation", "agent.rotation");
  if (!rotation) return {};
  AgentConfig& agent = config.agent;
  ReloadSetting setting = read_rotation_keys(*rotation);
  if (auto number = rotation->integer("max_parallel", 1, 64)) agent.max_parallel = static_cast<int>(*number);
  agent.health_check_timeout = setting.health_check_timeout.value_or(agent.health_check_timeout);
  agent.drain_timeout = rotation->duration("drain_timeout", kDrainBounds).value_or(agent.drain_timeout);
  agent.monitor = rotation->duration("monitor", kMonitorBounds).value_or(agent.monitor);
  if (auto enabled = rotation->boolean("enabled")) {
    config.default_rotation = *enabled;
    rotation->warn("enabled", "is an older spelling",
                   std::string("Write defaults: {rotation: ") + (*enabled ? "true" : "false") + "}.");
  }
  setting.health_check_timeout.reset();  // It is agent-wide already.
  return setting;
}

void read_metrics(const ConfigSection& section, AgentConfig& agent) {
  const auto metrics = section.section("metrics", "agent.metrics");
  if (!metrics) return;
  const auto listen = metrics->text("listen");
  if (!listen) return;
  if (is_listen_address(*listen))
    agent.metrics_listen = *listen;
  else
    metrics->error("listen", in_quotes(*listen) + " is not an address and a port", "For example 127.0.0.1:9477.");
}

void read_memory(const ConfigSection& section, AgentConfig& agent) {
  const auto memory = section.section("memory", "agent.memory");
  if (!memory) return;
  if (const auto index = memory->choice("locked")) agent.memory_must_be_locked = *index == 1;
}

void read_read_socket(const ConfigSection& section, AgentConfig& agent) {
  if (const auto read = section.section("read", "agent.read"))
    agent.read_labels = read->boolean("labels").value_or(agent.read_labels);
}

ReloadSetting read_defaults(const ConfigSection& top, Config& config) {
  const auto section = top.section("defaults", "defaults");
  if (!section) return {};
  ReloadSetting reload, older;
  if (const YamlNode* node = section->find("inject"))
    config.default_inject = read_inject(*node, section->path_of("inject"), {}, section->findings());
  config.default_rotation = read_rotation(*section, config.default_rotation, older);
  if (const YamlNode* node = section->find("reload_strategy"))
    reload = read_reload(*node, section->path_of("reload_strategy"), section->findings());
  return reload.over(older);
}

}  // namespace

bool read_rotation(const ConfigSection& section, bool base, ReloadSetting& reload) {
  const YamlNode* node = section.find("rotation");
  if (!node) return base;
  const std::string path = section.path_of("rotation");
  if (node->kind != YamlNode::Kind::map) return read_bool(*node, path, section.findings()).value_or(base);
  const ConfigSection older(*node, path, "rotation", section.findings());
  reload = read_rotation_keys(older);
  const bool enabled = older.boolean("enabled").value_or(true);
  std::string present = std::string("Write rotation: ") + (enabled ? "true" : "false");
  if (reload.type) {
    present += ", reload_strategy: {type: " + std::string(strategy_choices()[static_cast<std::size_t>(*reload.type)]);
    if (reload.signal) present += ", signal: " + *reload.signal;
    present += "}";
  }
  section.warn("rotation", "a map is an older spelling", present + ".");
  return enabled;
}

ConfigDefaults read_agent_and_defaults(const ConfigSection& top, Config& config) {
  ConfigDefaults out;
  if (const auto agent = top.section("agent", "agent")) {
    read_watch(*agent, config.agent);
    out.agent = read_rotation_section(*agent, config);
    read_memory(*agent, config.agent);
    read_metrics(*agent, config.agent);
    read_read_socket(*agent, config.agent);
  }
  config.agent.rotation = out.agent.finished();
  out.defaults = read_defaults(top, config).over(out.agent);
  config.default_reload = out.defaults.finished();
  if (const auto logging = top.section("logging", "logging")) {
    config.log_level = logging->choice_text("level").value_or(config.log_level);
    config.log_format = logging->choice_text("format").value_or(config.log_format);
  }
  return out;
}

}  // namespace dso
