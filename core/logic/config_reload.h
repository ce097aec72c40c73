// Reads what happens to a running container when its secret changes: reload_strategy, and the strategies and signals of other
// places. Internal to parse_config.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "logic/config_section.h"
#include "model/config.h"

namespace dso {

/// What one place says; what it leaves open comes from the next one (secret, defaults, agent.rotation, built-in).
struct ReloadSetting {
  std::optional<Strategy> type;
  std::optional<std::string> signal;
  std::optional<std::chrono::milliseconds> health_check_timeout;
  bool operator==(const ReloadSetting&) const = default;
  ReloadSetting over(const ReloadSetting& base) const;
  /// With the built-in values: auto, SIGHUP (none for auto, to which a signal is a wish of its own).
  ReloadStrategy finished() const;
};

/// A strategy's name or a map {type, signal, health_check_timeout}.
ReloadSetting read_reload(const YamlNode& node, const std::string& path, ConfigFindings& findings);
/// The keys strategy, signal, health_check_timeout of agent.rotation, or of the older `rotation` map.
ReloadSetting read_rotation_keys(const ConfigSection& section);

inline constexpr DurationBounds kHealthCheckBounds{std::chrono::seconds(1), std::chrono::hours(1)};

}  // namespace dso
