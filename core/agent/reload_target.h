// The containers of a scope that need to be brought to a new value, each with what to do. Small parts that reconciling in place
// and rolling share.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "agent/reconcile.h"
#include "logic/plan_rotation.h"
#include "logic/value_origin.h"

namespace dso {

using ReloadTarget = ContainerPlan;

/// The opted-in containers that mount a scope (or, where it is a volume's, that volume), whatever they do now; not those that are
/// on their way out. Nobody is passed over: files are written by this list, and one that is missing from it would see them before
/// it is told. Errors: the engine is away, or cannot tell of one of them; then nothing may change under the others either.
Result<std::vector<Container>> scope_users(const Engine& engine, const TmpfsStore& store, const Scope& scope,
                                           std::stop_token stop);
/// Of these the ones with a process: running or paused.
std::vector<Container> with_process(const std::vector<Container>& users);

/// False and one log line each if any container's strategy cannot be done: then nothing must change under the others either.
bool all_possible(const std::vector<ReloadTarget>& targets);

/// The secrets that differ from `before`; the others keep their delivery times.
std::vector<SecretKey> mark_changes(const std::vector<DeliveredSecret>& before, std::vector<DeliveredSecret>& next);

/// Where the values of a rotation come from: frozen ones out of the scope, the others are the present ones of their stores.
Result<std::map<SecretKey, ValueOrigin>> rotation_origins(const Config& config, const Engine& engine, const TmpfsStore& store,
                                                          const ScopeState& state, std::stop_token stop);

/// Tells apart what containers are given.
std::string content_of(const std::vector<DeliveredSecret>& delivered);

/// "'a', 'b'"
std::string quoted_names(const std::vector<SecretKey>& keys);

}  // namespace dso
