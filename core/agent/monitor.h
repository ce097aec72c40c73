// Looks at containers for a while after an update (agent.rotation.monitor), and takes the value back where one dies of it or
// turns unhealthy. What is looked at is in the scope's state, so that the next agent goes on with it.
#pragma once
#include <stop_token>
#include <string>

#include "agent/reconcile.h"

namespace dso {

/// Recorded with the scope, and looked at from now on; the container was told of the scope's newest value just now. Not where
/// another container of the scope has proved it already.
void monitor_container(const ReloadTools& tools, const std::string& scope_id, const std::string& container_id);

/// Judges the monitored containers of a scope, and brings the last good value back to all where one did not take the new one.
/// To be called while nothing else happens to its service. False: it was taken back (or was to be), which counts as a failed
/// update.
bool judge_scope(const ReloadTools& tools, const std::string& scope_id, std::stop_token stop);

}  // namespace dso
