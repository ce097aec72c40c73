// What `docker compose` runs for a service with `provider: {type: dso}`.
#pragma once
#include "command.h"

namespace dso::cli {

/// The arguments are the protocol's (logic/compose_provider.h).
CommandResult provide_to_compose(CommandContext& context);

}  // namespace dso::cli
