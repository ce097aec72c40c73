// The limits of the agent's sockets, at which many ask: who they are, and what each may take (logic/fair_places.h).
#pragma once
#include <string>
#include <utility>

#include "agent/peer.h"
#include "net/http_server.h"

namespace dso {

/// A quarter of the places at most for one container or user, and an eighth for the host's root alone; the rest of what comes
/// waits without a thread. `peers` must outlive the server.
inline HttpServer::Limits fair_limits(std::string name, int places, const PeerFinder& peers) {
  HttpServer::Limits limits;
  limits.name = std::move(name);
  limits.max_connections = places;
  limits.share = places / 4;
  limits.kept_for_root = places / 8;
  limits.max_waiting = 2048;
  limits.who = [&peers](const PeerCredentials& peer) { return peers.asker(peer); };
  limits.who_changed = [&peers] { return peers.changes(); };
  return limits;
}

}  // namespace dso
