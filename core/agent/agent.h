// The composition root: builds everything that watches and reloads, runs it until asked to stop.
#pragma once
#include <stop_token>

#include "agent/load_config.h"
#include "agent/paths.h"
#include "base/result.h"

namespace dso {

struct AgentOptions {
  bool daemon = true;  ///< False: `dso watch` in the foreground, without control socket.
};

/// Blocks until `stop`. Errors: another agent has this run dir; the tmpfs cannot be had. A store or an engine that is down is
/// none.
Result<void> run_agent(const LoadedConfig& config, const Paths& paths, const AgentOptions& options, std::stop_token stop);

}  // namespace dso
