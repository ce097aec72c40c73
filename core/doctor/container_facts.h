// The containers that have, want or ask for secrets, as the engine, the tmpfs and /proc show them. Looks only.
#pragma once
#include <stop_token>

#include "agent/paths.h"
#include "docker/engine.h"
#include "logic/doctor_containers.h"

namespace dso {

/// Without `present` and `agent`, which others know. Errors are the engine's.
Result<ContainersSeen> see_containers(const Config& config, const Paths& paths, const Engine& engine, const Deadline& deadline,
                                      std::stop_token stop);

}  // namespace dso
