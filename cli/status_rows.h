// The containers and services that `dso status` lists. Reads the engine and the tmpfs; asks no store, changes nothing.
#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/paths.h"
#include "base/result.h"
#include "docker/engine.h"
#include "model/config.h"

namespace dso::cli {

struct ContainerStatus {
  std::string name, id, scope;
  std::vector<std::string> secrets;  ///< "instance/name"
  std::string strategy;              ///< "-" where it did not opt in.
  std::int64_t delivered_at_ms = 0;  ///< The newest of them, Unix time; 0: nothing lies on tmpfs.
  std::string last_rotation;
  std::string state;  ///< current, rotating, failing, held back, not told, not opted in, or why nothing is known
};
/// `agent`: what the running agent said (agent_status.h), or empty. `paths`: null where that agent's tmpfs, `secrets_dir`, is
/// root's, and not ours.
Result<std::vector<ContainerStatus>> container_rows(const Config& config, const Paths* paths, const std::string& secrets_dir,
                                                    const Engine& engine, const boost::json::object& agent, std::stop_token stop);

struct ServiceStatus {
  std::string name;
  std::vector<std::string> secrets;  ///< What its Swarm secrets stand for.
  long tasks = 0;
  bool opted_in = false;
  std::string update;  ///< The state of its last update, as Swarm calls it.
};
/// Services with a secret of driver "dso"; none on a node that manages no Swarm.
Result<std::vector<ServiceStatus>> service_rows(const Engine& engine, std::stop_token stop);

}  // namespace dso::cli
