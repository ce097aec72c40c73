// Reads the settings of one provider instance, in either form. Internal to parse_config.
#pragma once
#include <string>
#include <string_view>

#include "logic/config_section.h"
#include "model/config.h"

namespace dso {

/// A value of this name is a credential in plain text.
bool is_credential(std::string_view key);

enum class InstanceForm { short_form, long_form };

/// `node` is the map with the settings; `instance` has its name and type already (empty: wrong, and reported).
void read_instance(const YamlNode& node, const std::string& path, InstanceForm form, ProviderInstance& instance,
                   ConfigFindings& findings);

}  // namespace dso
