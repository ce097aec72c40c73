// Reads `inject`: how a secret reaches a container. Internal to parse_config.
#pragma once
#include <string>

#include "logic/config_section.h"
#include "model/config.h"

namespace dso {

/// `file`, `env` or a map; what it leaves open comes from `base` (the defaults) if that is of the same type.
/// A finding and what could be read for bad input.
Inject read_inject(const YamlNode& node, const std::string& path, const Inject& base, ConfigFindings& findings);

}  // namespace dso
