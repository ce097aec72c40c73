// Keeps a `dso run` in the foreground with its service when an update replaces or restarts the container.
#pragma once
#include <string>

#include "command.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"
#include "docker_process.h"
#include "logic/run_args.h"

namespace dso::cli {

/// run_docker() of a container of this scope, and then `docker attach` to whoever the service goes on with, until it ends. The
/// last one's exit code. A signal that ends the program meant the service: a successor that is there already is sent SIGTERM.
Result<int> run_followed(const CommandContext& context, const DockerCall& call, const RunArgs& args, const Engine& engine,
                         const TmpfsStore& store, const std::string& scope);

}  // namespace dso::cli
