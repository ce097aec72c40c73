// The one engine of a command: DSO's own calls and every `docker` that it starts go there.
#pragma once
#include "docker/engine.h"

namespace dso::cli {

/// The one that `docker` would use (docker/which_engine.h), if it is on this host. From here on DOCKER_HOST names it, whatever a
/// context, or a DOCKER_HOST in a project's .env, says until the child looks. Main thread only.
Result<Engine> engine_of_docker();

}  // namespace dso::cli
