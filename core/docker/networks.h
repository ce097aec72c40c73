// What a rotation must know of the engine's networks. Asks the engine; changes nothing.
#pragma once
#include <stop_token>
#include <string>

#include "base/deadline.h"
#include "base/result.h"
#include "docker/engine.h"

namespace dso {

struct NetworkBridge {
  std::string network;    ///< Its name.
  std::string bridge;     ///< The host's interface ("docker0", "br-0123456789ab"); "" for drivers that have none on this host.
  bool internal = false;  ///< Without a way out: the engine publishes no port of a container there.
};
/// By the network's name or id.
Result<NetworkBridge> network_bridge(const Engine& engine, const std::string& network, const Deadline& d, std::stop_token s = {});

/// Pure: the same of the engine's answer.
Result<NetworkBridge> parse_network_bridge(std::string_view json);

}  // namespace dso
