// Acting on one container: signal, restart, nothing. Knows no secret value and writes no file.
#pragma once
#include <stop_token>

#include "agent/container_ties.h"
#include "base/result.h"
#include "logic/plan_reload.h"

namespace dso {

/// Does what `choice` says (never one with a refusal). Restart: waits until healthy, or until running for a moment where the
/// container has no healthcheck; then those that depend on it (agent/restart_dependents). Logs what was done. A container that is
/// gone is no error: there is nothing left to do.
Result<void> apply_reload(ContainerTies& ties, const Container& container, const StrategyChoice& choice, std::stop_token stop);

/// Of a container that was restarted: its health, and those that depend on it, as above. DSO runs the healthcheck itself where
/// the engine's next look is far away.
Result<void> wait_restarted(ContainerTies& ties, const Container& container, const StrategyChoice& choice, std::stop_token stop);

/// How a reload is called in log lines: "Signal", "Restart".
std::string_view reload_word(Strategy s);

}  // namespace dso
