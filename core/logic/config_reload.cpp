// Strategies and signals.
#include "logic/config_reload.h"

#include "logic/config_signal.h"
#include "logic/text.h"

namespace dso {
namespace {

void read_signal(const ConfigSection& section, ReloadSetting& setting) {
  const YamlNode* node = section.find("signal");
  if (!node) return;
  auto word = is_plain_number(*node) ? std::optional(node->text) : section.text("signal");
  if (!word) return;
  const SignalName signal = normalise_signal(*word);
  if (signal.problem.empty())
    setting.signal = signal.name;
  else
    section.error("signal", signal.problem, signal.hint);
}

/// `type_key` is "type" or "strategy".
ReloadSetting read_keys(const ConfigSection& section, std::string_view type_key) {
  ReloadSetting out;
  if (auto index = section.choice(type_key)) out.type = static_cast<Strategy>(*index);
  read_signal(section, out);
  out.health_check_timeout = section.duration("health_check_timeout", kHealthCheckBounds);
  if (!out.signal) return out;
  // In agent.rotation a signal alone only names the one to use wherever somebody chooses 'signal'.
  if (type_key == "type" && !section.has(type_key)) out.type = Strategy::signal;
  if (out.type && *out.type != Strategy::signal && *out.type != Strategy::automatic)
    section.warn("signal",
                 "has no effect with the strategy " + in_quotes(strategy_choices()[static_cast<std::size_t>(*out.type)]),
                 "Leave it out, or use the strategy 'signal'.");
  return out;
}

}  // namespace

ReloadSetting ReloadSetting::over(const ReloadSetting& base) const {
  ReloadSetting out = *this;
  if (!out.type) out.type = base.type;
  if (!out.signal) out.signal = base.signal;
  if (!out.health_check_timeout) out.health_check_timeout = base.health_check_timeout;
  return out;
}

ReloadStrategy ReloadSetting::finished() const {
  ReloadStrategy out;
  out.type = type.value_or(out.type);
  out.signal = signal.value_or(out.type == Strategy::automatic ? "" : "SIGHUP");
  return out;
}

ReloadSetting read_reload(const YamlNode& node, const std::string& path, ConfigFindings& findings) {
  if (node.kind == YamlNode::Kind::text) {
    ReloadSetting out;
    if (auto index = read_choice(node, path, strategy_choices(), findings)) out.type = static_cast<Strategy>(*index);
    return out;
  }
  if (!expect_map(node, path, "For example {type: signal, signal: SIGHUP}.", findings)) return {};
  return read_keys(ConfigSection(node, path, "reload_strategy", findings), "type");
}

ReloadSetting read_rotation_keys(const ConfigSection& section) {
  return read_keys(section, "strategy");
}

}  // namespace dso
