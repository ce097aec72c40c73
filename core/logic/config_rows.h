// A config as it counts, key by key, with where each value came from: `dso config show`. Credentials are not in it. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"

namespace dso {

struct ConfigRow {
  std::string key;    ///< As it is written in the long form: "providers.prod.address".
  std::string value;  ///< "(hidden)" for a credential and what only a drop-in provider knows; a URL without password and query.
  std::string from;   ///< "dso.yaml:12", "dso.yaml" where the line has an older spelling, or "default".
};

/// `text`: what `config` was read from, "" for the built-in defaults.
std::vector<ConfigRow> config_rows(const Config& config, std::string_view text);

}  // namespace dso
