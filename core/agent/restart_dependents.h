// Containers that have a part of one that was restarted, or depend on it by Compose's word, are restarted after it, in order.
#pragma once
#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/container_ties.h"

namespace dso {

/// With its own time to end. One that lives and could not start again is left alone (InvalidRequest). Not to be stopped: a call
/// that was sent is not taken back, or the container stays between its end and its start.
Result<void> restart_container(const Engine& engine, const Container& container);

/// Whom to restart after `container`: asked before it is restarted, for a namespace's guests end with it. Without an engine that
/// answers nobody, and the log says so.
std::vector<Dependent> dependents_to_restart(ContainerTies& ties, const Container& container, std::stop_token stop);

/// Each that was not started since `container_id` was, on which they depend, is restarted and gets its time to be healthy. What
/// fails is an error in the log, and nothing else waits for it. To be called again after a kill: who was restarted already is
/// left alone.
void restart_dependents(const Engine& engine, const std::vector<Dependent>& dependents, const std::string& container_id,
                        std::chrono::milliseconds health_check_timeout, std::stop_token stop);

}  // namespace dso
