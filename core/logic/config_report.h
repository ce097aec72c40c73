// What `dso validate` says about a config as a whole. Pure: text from findings.
#pragma once
#include <string>
#include <vector>

#include "model/config.h"

namespace dso {

/// "dso.yaml: 3 secrets, 1 provider: valid" or "dso.yaml: 2 errors, 1 warning: not valid".
std::string config_summary(const Config& config, const std::vector<Diagnostic>& diagnostics, bool valid);
/// {"valid","file","diagnostics":[{"severity","file","line","column","key","message","hint"}]}
std::string config_report_json(const std::string& file, const std::vector<Diagnostic>& diagnostics, bool valid);

}  // namespace dso
