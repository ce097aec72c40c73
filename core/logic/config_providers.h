// Reads `provider` and `config` (short form) or `providers` (long form). Internal to parse_config.
#pragma once
#include "logic/config_section.h"
#include "model/config.h"

namespace dso {

/// Fills config.providers, in the order of the file; the local store if the file names none. Names the readers could not
/// make sense of are still listed, so that a secret that uses one is not reported a second time.
void read_providers(const ConfigSection& top, Config& config);

ProviderInstance local_instance();

}  // namespace dso
