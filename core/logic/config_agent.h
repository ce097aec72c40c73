// Reads `agent`, `defaults` and `logging`. Internal to parse_config.
#pragma once
#include "logic/config_reload.h"
#include "logic/config_section.h"
#include "model/config.h"

namespace dso {

/// What the secrets take over where they say nothing.
struct ConfigDefaults {
  ReloadSetting agent;     ///< agent.rotation
  ReloadSetting defaults;  ///< defaults.reload_strategy, over `agent`
};

/// Fills the parts of `config`; `top` is the whole file.
ConfigDefaults read_agent_and_defaults(const ConfigSection& top, Config& config);

/// `rotation: true`, or the older map {enabled, strategy, signal, health_check_timeout} with a warning; `reload` gets what
/// that map says of it.
bool read_rotation(const ConfigSection& section, bool base, ReloadSetting& reload);

}  // namespace dso
