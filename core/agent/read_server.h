// The socket for containers: each may read its own secrets, and nobody anything else. Who asks is told by the kernel and the
// engine, never by the request.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "agent/peer.h"
#include "agent/read_cache.h"
#include "agent/read_log.h"
#include "agent/sources.h"
#include "base/result.h"
#include "delivery/tmpfs_store.h"
#include "net/http_server.h"

namespace dso {

/// Thread-safe.
class SecretReader {
 public:
  /// References must outlive this object.
  SecretReader(const Sources& sources, ReadCache& cache, const TmpfsStore& store, const PeerFinder& peers, ReadLog& reads)
      : sources_(sources), cache_(cache), store_(store), peers_(peers), reads_(reads) {}

  /// Who asks is found out once a connection: the peer of a socket never changes, nor do a container's labels.
  ServerResponse respond(const ServerRequest& request) const;
  /// Nothing for a process of the host; for any other peer what `respond` says, or a refusal where it cannot be told.
  std::optional<ServerResponse> respond_to_container(const ServerRequest& request) const;
  const PeerFinder& peers() const { return peers_; }

 private:
  struct Caller;
  std::shared_ptr<const Caller> caller_of(const ServerRequest& request) const;
  ServerResponse answer(const ServerRequest& request, const Caller& caller) const;
  ServerResponse refuse(int status, const Caller& caller, const std::string& what, const Error& error) const;
  std::string shown_secret(const std::string& name) const;

  const Sources& sources_;
  ReadCache& cache_;
  const TmpfsStore& store_;
  const PeerFinder& peers_;
  ReadLog& reads_;
};

/// <folder>/dso.sock, 0666 in a folder of its own: containers mount the folder, so that they see the socket of the next agent
/// too. Anybody may connect, whatever their user or user namespace: only a container's processes get an answer.
Result<std::unique_ptr<HttpServer>> start_read_server(const std::string& folder, const SecretReader& reader);

}  // namespace dso
