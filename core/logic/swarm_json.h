// The engine's JSON of secrets, services and tasks of a Swarm, and the bodies of the calls that change them. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "model/swarm.h"

namespace dso {

/// Objects that cannot be read are left out: `unread` gets why, with the place and member. Errors (Malformed) where it is no
/// list, or none can be read.
Result<std::vector<SwarmSecret>> parse_swarm_secrets(std::string_view json, std::vector<std::string>& unread);
Result<std::vector<SwarmService>> parse_swarm_services(std::string_view json, std::vector<std::string>& unread);
/// Those that run or are to run; of one that is being shut down and still runs too.
Result<std::vector<SwarmTask>> parse_swarm_tasks(std::string_view json, std::vector<std::string>& unread);

struct SwarmNode {
  bool member = false, manager = false, leader = false;
};
/// Of GET /info: this node's part in a Swarm. Whether it leads: by the node's own object, below.
Result<std::string> parse_swarm_node_id(std::string_view info);
Result<SwarmNode> parse_swarm_node(std::string_view node);

/// The "ID" of what was made.
Result<std::string> parse_swarm_created_id(std::string_view json);
/// The version of an object as the next update of it must name it.
Result<std::uint64_t> parse_swarm_index(std::string_view object);

/// The body of POST /secrets/create: no value, the driver has it. `labels`: all that it gets.
std::string swarm_secret_body(const std::string& name, const std::string& driver,
                              const std::map<std::string, std::string>& labels);
/// The body of POST /secrets/ID/update.
std::string swarm_labels_body(const SwarmSecret& secret);

struct SwarmMove {
  std::string id, name;  ///< Of the Swarm secret that takes the place.
};
/// The body of POST /services/ID/update, of the service as GET shows it: the same spec with other secrets at the same places,
/// updated in its owner's order (stop-first with host ports, dso.exclusive or a greatest number of tasks on a node, where two at
/// once cannot be) and rolled back on failure. What the owner had set otherwise is noted in a label, for swarm_owners_body. In
/// wiping memory: a spec has the tasks' environment.
Result<SecretBuffer> swarm_update_body(std::string_view service, const std::map<std::string, SwarmMove>& moves);
/// Likewise, with the owner's update settings as they were before; what he has changed since stays as he has it.
Result<SecretBuffer> swarm_owners_body(std::string_view service);
/// Likewise, with nothing changed: what a request to go back carries, and the engine does not look at.
Result<SecretBuffer> swarm_same_body(std::string_view service);

}  // namespace dso
