// Finds and reads dso.yaml: -c FILE, $DSO_CONFIG, ./dso.yaml, /etc/dso/dso.yaml, else the built-in defaults.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "model/config.h"

namespace dso {

struct LoadedConfig {
  Config config;
  std::vector<Diagnostic> diagnostics;  ///< Warnings, and errors only from load_config_report.
  bool valid = true;
};

/// The file that counts, by -c, DSO_CONFIG or its usual places; empty: there is none.
std::string which_config(const std::string& explicit_path);

/// Errors of class Config hold every error diagnostic, one a line in `cause`; or say whose the file or its folder is, and that it
/// is therefore not obeyed (base/trusted_file.h).
Result<LoadedConfig> load_config(const std::string& explicit_path);
/// For `dso validate`: never fails on diagnostics, only when a file cannot be read or is not to be trusted.
Result<LoadedConfig> load_config_report(const std::string& explicit_path);

}  // namespace dso
