// Compose's commands that make containers (up, create, scale, watch, run), with their secrets.
#pragma once
#include <string>

#include "command.h"
#include "logic/compose_args.h"

namespace dso::cli {

/// `docker compose VERB …` with the services' secrets delivered. `run`: the service's one-off container is never the agent's to
/// touch, and the terminal is its own. Its exit code.
CommandResult start_with_secrets(CommandContext& context, ComposeArgs args, const std::string& verb);

}  // namespace dso::cli
