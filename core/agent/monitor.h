// Looks at containers for a while after an update (agent.rotation.monitor), and takes the value back where one dies of it or
// turns unhealthy. What is looked at is in the scope's state, so that the next agent goes on with it.
#pragma once
#include <cstdint>
#include <map>
#include <stop_token>
#include <string>

#include "agent/reconcile.h"
#include "logic/monitored.h"

namespace dso {

/// Recorded with the scope, and looked at from now on: the container, which looks like that now, is told of the scope's newest
/// value by its start or a signal. Not where another container of the scope has proved it already.
void monitor_from_now(const ReloadTools& tools, const std::string& scope_id, const Container& container, ToldBy by);
/// The same of one that was told just now, as the engine shows it then.
void monitor_container(const ReloadTools& tools, const std::string& scope_id, const std::string& container_id, ToldBy by);

struct ScopeVerdict {
  bool taken_back = false;  ///< The new value was, or was to be: a failed update.
  /// Still to be looked at, and since when (ms since the host started).
  std::map<std::string, std::int64_t> watched;
};

/// Judges the monitored containers of a scope, and brings the last good value back to all where one did not take the new one.
/// To be called while nothing else happens to its service.
ScopeVerdict judge_scope(const ReloadTools& tools, const std::string& scope_id, std::stop_token stop);

}  // namespace dso
