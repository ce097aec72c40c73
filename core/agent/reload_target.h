// The containers of a scope that need to be brought to a new value, each with what to do. Small parts that reconciling in place
// and rolling share.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "agent/reconcile.h"
#include "logic/plan_rotation.h"

namespace dso {

using ReloadTarget = ContainerPlan;

/// The opted-in containers that mount a scope (or, where it is a volume's, that volume) and run, or are paused (whose turn comes
/// when they run again).
Result<std::vector<Container>> running_containers(const Engine& engine, const TmpfsStore& store, const Scope& scope,
                                                  std::stop_token stop);

/// False and one log line each if any container's strategy cannot be done: then nothing must change under the others either.
bool all_possible(const std::vector<ReloadTarget>& targets);

/// The secrets that differ from `before`; the others keep their delivery times.
std::vector<SecretKey> mark_changes(const std::vector<DeliveredSecret>& before, std::vector<DeliveredSecret>& next);

/// Secrets with `rotation: false` stay at the version that was delivered first.
std::map<SecretKey, std::string> pinned_versions(const Config& config, const ScopeState& state);

/// Tells contents apart.
std::string content_of(const std::vector<DeliveredSecret>& delivered);

/// "'a', 'b'"
std::string quoted_names(const std::vector<SecretKey>& keys);

}  // namespace dso
