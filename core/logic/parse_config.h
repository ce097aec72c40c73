// dso.yaml, text to Config: strict, every finding with file, line, column and key. yaml-cpp stands behind it, in
// config_yaml.cpp alone. Reads the Go project's spellings too, with a warning that shows the present one.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"

namespace dso {

struct ParsedConfig {
  std::optional<Config> config;  ///< Set when no diagnostic is an error.
  std::vector<Diagnostic> diagnostics;
};

ParsedConfig parse_config(std::string_view text, const std::string& file);
/// No file at all: one instance "default" of type local, every default as in the design.
Config default_config();
/// "dso.yaml:12:5: secrets[0].injct: unknown key. Did you mean 'inject'?"
std::string render(const Diagnostic& diagnostic);
/// "dso.yaml:12:5: error: secrets[0].injct: unknown key. Did you mean 'inject'?"
std::string render_with_severity(const Diagnostic& diagnostic);

}  // namespace dso
