// A rolling update of the containers of a scope: the new values go to the scope's next generation, and the containers are
// replaced one after the other by ones that have it mounted. The scope they leave stays as it is, for `dso rollback`.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "agent/deliver.h"
#include "agent/reload_target.h"
#include "rotation/subject.h"

namespace dso {

/// `state`: what the containers have; `fetched` and `plan`: what they shall have. False after the first container that keeps the
/// old one.
bool roll_containers(const ReloadTools& tools, const ScopeState& state, const FetchedScope& fetched, const DeliveryPlan& plan,
                     const std::vector<ReloadTarget>& targets, std::stop_token stop);

/// Moves containers to a scope that is there already (a rollback).
bool roll_to_scope(const ReloadTools& tools, const std::string& from_scope, const std::string& to_scope,
                   const std::vector<ReloadTarget>& targets, std::stop_token stop);

/// Wipes the generations that rolling updates made and that nobody has mounted or goes back to; not waited for until the next
/// housekeeping, since they hold values. `base`: of this scope alone; "": of all, where no rolling update is under way. The first
/// generation is left to gc_scopes: it may have been delivered for a container that is about to start.
void drop_generations(const ReloadTools& tools, const std::string& base);

}  // namespace dso
