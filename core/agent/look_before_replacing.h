// What has to be asked of the engine before a container may be replaced: what it has in its own layer, and whether its own
// address can be redirected. Asked only of one that would be replaced.
#pragma once
#include <stop_token>
#include <vector>

#include "agent/container_ties.h"
#include "docker/engine.h"
#include "logic/plan_rotation.h"

namespace dso {

/// As choose_strategy, whose answer then counts: where that is a restart or a rolling update, `container` gets its `dependents`
/// first, and for the latter its `replace_facts`.
StrategyChoice choose_after_look(ContainerTies& ties, const Config& config, const Scope& scope,
                                 const std::vector<SecretKey>& changed, Container& container, std::stop_token stop);

/// Has the containers of `desired` that have a process and are to be told looked at, for plan_rotation.
void look_at_users(ContainerTies& ties, const Config& config, const ScopeState& desired, std::vector<Container>& users,
                   const std::stop_token& stop);

/// What speaks against replacing it now, with a cure; "" where nothing does. Asked for once more before it is done: others start,
/// and it writes, meanwhile.
std::string objection_to_replacing(ContainerTies& ties, Container container, std::stop_token stop);

/// Of whatever container.
ReplaceFacts look_before_replacing(const Engine& engine, const Container& container, std::stop_token stop);

}  // namespace dso
