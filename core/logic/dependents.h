// Who stands on a container: has its network, processes or shared memory, is linked to it, or is to be restarted after it by
// Compose. Pure; agent/container_ties finds them, agent/apply_reload restarts them.
#pragma once
#include <string>
#include <vector>

#include "model/container.h"

namespace dso {

/// It names another container in one of those ways: others need not be kept.
bool has_ties(const Container& container);

/// Those of `all` that depend on `target`, and those that depend on them, each after all that it depends on. `all` as inspected;
/// who does not run is left out, since his next start finds what is there, but for one that
/// died with the other's processes.
std::vector<Dependent> dependents_of(const Container& target, const std::vector<Container>& all);

/// Another container without which the engine does not start one: it has its namespace, or is linked to it.
struct Host {
  std::string whom;  ///< Id or name.
  Dependent::Tie tie{};
};
std::vector<Host> hosts_of(const Container& container);
/// Why a container that stands on `host` could not start again, with a cure; "" where it could. `seen`: as inspected, null: gone.
std::string missing_host(const Host& host, const Container* seen);

/// "'guest' has the network of 'hub'"
std::string tie_text(const Dependent& dependent);

/// Why the container cannot be replaced by another one without cutting somebody off for ever; "" where it can.
std::string replace_obstacle(const std::vector<Dependent>& dependents);
/// Why it cannot even be restarted: somebody would be cut off who may not be restarted after it; "" where it can.
std::string restart_obstacle(const std::vector<Dependent>& dependents);

/// Those to restart after `target` was replaced, or restarted.
std::vector<Dependent> to_restart(const std::vector<Dependent>& dependents);

}  // namespace dso
