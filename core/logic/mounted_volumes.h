// The named volumes that a container mounts, from the engine's inspect. Not their places on the host: the engine does not always
// know those of a volume plugin (20.10 shows an empty Source for a volume that it made itself). Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dso {

Result<std::vector<std::string>> mounted_volumes(std::string_view inspect);

}  // namespace dso
