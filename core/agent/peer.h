// Who is at the other end of a socket: a process of the host, or a container of the engine, and which secrets are its own.
#pragma once
#include <string>
#include <vector>

#include "agent/sources.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"
#include "net/http_server.h"

namespace dso {

/// The id of the container that the peer is in; "" for a process of the host. Errors (AccessDenied): the process has ended, or it
/// cannot be told. What is read of the pid counts only if the process that connected is alive afterwards: a pid that was given to
/// another process never speaks for this one.
Result<std::string> container_of_peer(const PeerCredentials& peer, const std::string& proc = "/proc");

/// The secrets of a running container: those of its scope, of the volumes of DSO that it mounts, and those that config and labels
/// give it. Errors: of the engine; AccessDenied where no running container has this id.
Result<std::vector<SecretKey>> secrets_of_container(const Engine& engine, const TmpfsStore& store, const Config& config,
                                                    const std::string& container_id, const Deadline& deadline,
                                                    std::stop_token stop);

}  // namespace dso
