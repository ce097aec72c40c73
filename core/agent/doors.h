// The ways by which others come in: the engine's plugin socket and the containers' read socket, with what both serve from, and
// the metrics port. Each is a convenience: where one cannot be opened the agent says so and does its work.
#pragma once
#include <memory>

#include "agent/paths.h"
#include "agent/peer.h"
#include "agent/read_cache.h"
#include "agent/read_server.h"
#include "agent/sources.h"
#include "agent/swarm_watch.h"
#include "agent/volumes.h"
#include "net/http_server.h"

namespace dso {

struct Doors {
  /// References must outlive this object. Asks neither a store nor the engine. `lent_plugin`: as start_plugin_server has it.
  Doors(const Paths& paths, int lent_plugin, Sources& sources, TmpfsStore& store, const Engine& engine);

  PeerFinder peers;
  ReadLog reads;
  SwarmServed served;
  ReadCache cache;
  Volumes volumes;
  SecretReader reader;
  std::unique_ptr<HttpServer> plugin, read, metrics;  ///< Last: they use the others.
};

}  // namespace dso
