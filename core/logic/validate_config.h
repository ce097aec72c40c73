// What no single key shows: secrets without a provider, secrets given twice, deliveries that cannot be rotated as asked. Pure.
#pragma once
#include <vector>

#include "logic/config_findings.h"
#include "logic/config_secrets.h"
#include "model/config.h"

namespace dso {

/// `marks` has a row for each of config.secrets.
void validate_config(const Config& config, const std::vector<SecretMarks>& marks, ConfigFindings& findings);

}  // namespace dso
