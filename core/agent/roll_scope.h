// A rolling update of the containers of a scope: the new values go to the scope's next generation, and the containers are
// replaced one after the other by ones that have it mounted. The scope they leave stays as it is, for `dso rollback`.
#pragma once
#include <stop_token>
#include <vector>

#include "agent/deliver.h"
#include "agent/reload_target.h"
#include "rotation/subject.h"

namespace dso {

/// `state`: what the containers have; `fetched`: what they shall have. False after the first container that keeps the old one.
bool roll_containers(const ReloadTools& tools, const ScopeState& state, const FetchedScope& fetched,
                     const std::vector<ReloadTarget>& targets, std::stop_token stop);

/// Moves containers to a scope that is there already (a rollback).
bool roll_to_scope(const ReloadTools& tools, const std::string& from_scope, const std::string& to_scope,
                   const std::vector<ReloadTarget>& targets, const std::vector<std::string_view>& values, std::stop_token stop);

}  // namespace dso
