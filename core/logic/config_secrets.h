// Reads `secrets`: the list of what is delivered to whom. Internal to parse_config.
#pragma once
#include <vector>

#include "logic/config_agent.h"
#include "logic/config_section.h"
#include "model/config.h"

namespace dso {

/// Where the parts of config.secrets[i] stand in the file, and which of them it says itself; for validate_config.
struct SecretMarks {
  std::string path;  ///< "secrets[3]"
  SourcePos name, provider, inject, reload;
  bool own_inject = false, own_reload = false;
  bool by_path = false;        ///< Named by a path in `mappings`, not by `name`.
  std::string named_provider;  ///< As written; empty: none.
};

/// Fills config.secrets; the result has a row for each.
std::vector<SecretMarks> read_secrets(const ConfigSection& top, const ConfigDefaults& defaults, Config& config);

}  // namespace dso
