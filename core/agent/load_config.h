// Finds and reads dso.yaml: -c FILE, $DSO_CONFIG, ./dso.yaml, /etc/dso/dso.yaml, else the built-in defaults.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/config.h"

namespace dso {

/// Which file a config was read from, and how that was then.
struct ConfigMark {
  std::string file;  ///< Absolute; empty: there was none, the built-in defaults count.
  std::int64_t mtime_ns = 0, size = 0, inode = 0;
  bool operator==(const ConfigMark&) const = default;
};
/// How it is now; zeros where it cannot be looked at.
ConfigMark mark_of(const std::string& file);

struct LoadedConfig {
  Config config;
  std::vector<Diagnostic> diagnostics;  ///< Warnings, and errors only from load_config_report.
  bool valid = true;
  ConfigMark mark;  ///< Taken before it was read: a change in between is seen.
};

/// The file that counts, by -c, DSO_CONFIG or its usual places; empty: there is none.
std::string which_config(const std::string& explicit_path);

/// Errors of class Config hold every error diagnostic, one a line in `cause`; or say whose the file or its folder is, and that it
/// is therefore not obeyed (base/trusted_file.h).
Result<LoadedConfig> load_config(const std::string& explicit_path);
/// For `dso validate`: never fails on diagnostics, only when a file cannot be read or is not to be trusted.
Result<LoadedConfig> load_config_report(const std::string& explicit_path);

}  // namespace dso
