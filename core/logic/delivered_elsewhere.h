// Which agent a container's files are from: several can share a host, each with a run dir of its own. Pure.
#pragma once
#include <string>

#include "model/container.h"

namespace dso {

/// "delivered by the agent of /run/other", where its scope's folders are mounted from another run dir than this one; else "".
std::string delivered_elsewhere(const Container& container, const std::string& run_dir);

}  // namespace dso
