// The socket by which the engine itself asks DSO: secrets for Swarm services, volumes for containers. Listens before any store is
// opened, since the engine waits for an answer while it starts.
#pragma once
#include <memory>
#include <string>

#include "agent/peer.h"
#include "agent/read_cache.h"
#include "agent/read_log.h"
#include "agent/sources.h"
#include "agent/swarm_watch.h"
#include "agent/volumes.h"
#include "base/result.h"
#include "net/http_server.h"

namespace dso {

/// 0600: only root asks; and of root only the host and the engine, no container that the socket was mounted into. `lent`: the
/// socket, where somebody listens there for us already (lent_socket.h; borrowed), else -1: it is made, with its folder if that is
/// not there. References must outlive the server.
Result<std::unique_ptr<HttpServer>> start_plugin_server(const std::string& socket_path, int lent, const Sources& sources,
                                                        ReadCache& cache, Volumes& volumes, SwarmServed& served,
                                                        const PeerFinder& peers, ReadLog& reads);

}  // namespace dso
