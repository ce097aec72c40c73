// Whose process is at the other end of a socket: the host's, the engine's or a container's. Decided from facts that the peer does
// not choose: what the engine and /proc say of that container, never what a path is called. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "logic/process_place.h"

namespace dso {

/// A container whose id something hinted at, and that the engine knows.
struct HintedContainer {
  std::string asked;                 ///< The id that was asked for.
  std::string id, name;              ///< The engine's answer.
  std::int64_t pid = 0;              ///< State.Pid; 0: it does not run.
  std::int64_t pid_after = 0;        ///< Asked once more, after `init` was read.
  std::optional<ProcessPlace> init;  ///< Of State.Pid; nothing: it has ended.
};

struct PeerFacts {
  ProcessPlace peer;
  ProcessPlace agent;                  ///< What "the host" is: wherever the agent runs, that is its reference.
  std::optional<ProcessPlace> first;   ///< PID 1 of the agent's pid namespace, whose root counts as the host's too.
  std::optional<ProcessPlace> engine;  ///< The process that listens on the engine's socket.
  std::vector<HintedContainer> known;  ///< Of all hints those that the engine knows.
};

enum class PeerKind {
  host,
  engine,  ///< In namespaces of the engine's that are not the agent's: a rootless one, one in a snap.
  container
};
struct PeerIdentity {
  PeerKind kind = PeerKind::host;
  std::string container, name;  ///< Its id, and what the engine calls it.
};
/// For people: "the container 'web' (3f2a9c0d1e2f)", "the engine", "a process of the host".
std::string shown_peer(const PeerIdentity& peer);

/// The ids in the peer's control groups that the engine has to be asked about. Not those that the agent is in itself.
std::vector<std::string> hinted_ids(const ProcessPlace& peer, const ProcessPlace& agent);

/// Whether pid and user namespace are the agent's and the root is the agent's or that of PID 1. The host's, if no hint is known.
bool of_the_host(const PeerFacts& facts);

/// Errors (AccessDenied) say why it cannot be told; then nobody gets anything.
Result<PeerIdentity> whose_process(const PeerFacts& facts);

}  // namespace dso
