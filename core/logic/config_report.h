// What `dso validate` says about a config as a whole. Pure: text from findings.
#pragma once
#include <string>
#include <vector>

#include "model/config.h"

namespace dso {

/// "dso.yaml: 3 secrets, 1 provider: valid" or "dso.yaml: 2 errors, 1 warning: not valid".
std::string config_summary(const Config& config, const std::vector<Diagnostic>& diagnostics, bool valid);
/// {"valid","file","diagnostics":[{"severity","file","line","column","key","message","hint"}]}, and of a valid config
/// "polling":
/// {"interval_ms","days","providers":[{"name","type","secrets","known","stores":[{"service","secrets","calls","at_least",
/// "usd","kept_usd"}]}]}.
std::string config_report_json(const Config& config, const std::vector<Diagnostic>& diagnostics, bool valid);

/// "Polling every 2m, …", above the rows.
std::string poll_cost_heading(const Config& config);
inline const std::vector<std::string> kPollCostColumns{"PROVIDER", "KIND", "SECRETS", "CALLS A MONTH", "USD", "WHAT IS ASKED"};
/// A row a store, or an instance without one.
std::vector<std::vector<std::string>> poll_cost_rows(const Config& config);

}  // namespace dso
