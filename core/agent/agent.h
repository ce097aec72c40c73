// The composition root: builds everything that watches and reloads, runs it until asked to stop.
#pragma once
#include <functional>
#include <stop_token>
#include <string>

#include "agent/load_config.h"
#include "agent/paths.h"
#include "agent/reload_requests.h"
#include "base/result.h"

namespace dso {

struct AgentOptions {
  bool daemon = true;                               ///< False: `dso watch` in the foreground, without control socket.
  std::string version = {};                         ///< Told by /v1/status.
  ReloadRequests* reloads = nullptr;                ///< Who wants the config to be read anew; null: nobody. Outlives the agent.
  std::function<Result<LoadedConfig>()> load = {};  ///< Reads it, and sets up the log by it. Needed with `reloads`.
  int plugin_socket = -1;                           ///< Lent (lent_socket.h), borrowed; -1: the agent makes it.
};

/// Blocks until `stop`. Errors: another agent has this run dir; the tmpfs cannot be had. A store or an engine that is down is
/// none.
Result<void> run_agent(const LoadedConfig& config, const Paths& paths, const AgentOptions& options, std::stop_token stop);

}  // namespace dso
