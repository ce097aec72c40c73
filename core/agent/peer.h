// Who is at the other end of a socket: a process of the host, the engine, or one of its containers; and which secrets are that
// container's own. One way for every socket: what is not known for certain is refused.
#pragma once
#include <string>
#include <vector>

#include "agent/known_containers.h"
#include "agent/sources.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"
#include "logic/peer_container.h"
#include "net/http_server.h"

namespace dso {

/// How long finding out may take.
inline constexpr std::chrono::seconds kIdentifyDeadline{10};

struct Peer {
  PeerIdentity identity;
  Container container;  ///< As the engine shows it, asked for after everything else; its labels are those that count.
};

/// Thread-safe.
class PeerFinder {
 public:
  explicit PeerFinder(Engine engine, std::string proc = "/proc") : engine_(std::move(engine)), proc_(std::move(proc)) {}

  /// To be asked once a connection. Two inspects for a container that was not asked about for seconds, none for one that was and
  /// still runs, none for a process of the host; its groups and those of its first process are read each time. Errors:
  /// AccessDenied where it cannot be told (whose_process says why), or the process has ended; of the engine. What is read of a
  /// pid counts only if the process that connected is alive afterwards: a pid that was given to another process never speaks for
  /// this one.
  Result<Peer> find(const PeerCredentials& peer, const Deadline& deadline, std::stop_token stop) const;

  /// With whom its connections count together: a container, once it is known that the peer is in it; else its user, of whom a
  /// process of the host's root is told apart. By that nobody gets anything but a place, and the engine is not asked.
  HttpServer::Asker asker(const PeerCredentials& peer) const;
  /// Changes when `asker` may say something else.
  std::uint64_t changes() const { return known_.changes(); }
  /// The engine's events, of any container; and that some may have been missed.
  void happened_to(const std::string& id) { known_.forget(id); }
  void may_have_missed_something() { known_.forget_all(); }

 private:
  struct Question;
  bool look_at_kept(const std::string& id, PeerFacts& facts, Question& q) const;
  Result<void> ask_for_several(std::vector<std::string>& ids, Question& q) const;
  std::optional<ProcessPlace> place(const std::string& pid) const;
  std::optional<ProcessPlace> place_of_engine(const Question& q) const;
  std::vector<std::string> ids_of_ancestors(std::int64_t pid) const;
  Result<void> ask_engine(std::vector<std::string> ids, PeerFacts& facts, Question& q) const;
  Result<void> look_at(const std::string& id, PeerFacts& facts, Question& q) const;

  const Engine engine_;
  const std::string proc_;
  mutable KnownContainers known_;
};

/// The secrets of a container: those of the scopes and the volumes of DSO that it mounts, and those that config and labels give
/// it. With `agent.read: {labels: false}` those that the config gives it, and no others.
Result<std::vector<SecretKey>> secrets_of_container(const TmpfsStore& store, const Config& config, const Container& container);

}  // namespace dso
