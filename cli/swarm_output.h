// Swarm services as `dso plan` and `dso inspect` show them, on a manager. Asks the engine and the stores; changes nothing.
#pragma once
#include <boost/json/array.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/sources.h"
#include "base/result.h"
#include "docker/engine.h"
#include "logic/swarm_index.h"

namespace dso::cli {

/// The cluster as a manager shows it; nothing on any other node.
Result<std::optional<SwarmView>> swarm_view(const Engine& engine, std::stop_token stop);
/// What its secrets stand for, of those that our driver fills.
std::vector<std::string> references_of(const SwarmIndex& index, const SwarmService& service);

struct SwarmOutput {
  boost::json::array json;
  std::string text;  ///< Lines, without a newline at its end; empty: nothing to say.
};

/// The steps that the leader's agent would take now, of one service or ("") all. Nothing on a node that is no manager.
Result<SwarmOutput> swarm_plan_output(const Engine& engine, Sources& sources, const std::string& service, std::stop_token stop);

/// The secrets of a service: which version it is bound to, which one the store has. No value: no such service, or no manager.
Result<std::optional<SwarmOutput>> swarm_service_output(const Engine& engine, Sources& sources, const std::string& service,
                                                        std::stop_token stop);

}  // namespace dso::cli
