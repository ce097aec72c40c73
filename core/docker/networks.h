// What a rotation must know of the engine's networks. Asks the engine; changes nothing.
#pragma once
#include <stop_token>
#include <string>

#include "base/deadline.h"
#include "base/result.h"
#include "docker/engine.h"

namespace dso {

/// The host's interface behind a network with the bridge driver ("docker0", "br-0123456789ab"), by its name or id; "" for other
/// drivers, whose containers are not reached through an interface of this host.
Result<std::string> bridge_of_network(const Engine& engine, const std::string& network, const Deadline& d,
                                      std::stop_token s = {});

/// Pure: the same of the engine's answer.
Result<std::string> parse_network_bridge(std::string_view json);

}  // namespace dso
