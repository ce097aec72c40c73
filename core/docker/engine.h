// The Docker engine's API over its unix socket: the calls that DSO makes, blocking, each with a deadline and a stop token.
// Knows nothing of secrets. Errors: EngineUnreachable (socket, connection), NotFound (no such container), EngineError.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/secret_bytes.h"
#include "logic/docker_json.h"  // EngineVersion, EngineEvent
#include "logic/layer_changes.h"
#include "model/container.h"

namespace dso {

/// A container, and the engine's own JSON of it: in wiping memory, since it holds the environment.
struct InspectedContainer {
  Container container;
  SecretBuffer text;
};

class EngineConnection;
struct EngineMemory;
struct ContainerList;

/// Thread-safe; a connection per call in flight, kept for the next. Copies are cheap and share connections.
///
/// A container's labels are those that count, from whichever function: not those that its image carries too (one more call for an
/// image that was not seen yet), and notes of a rotation only if they are ours.
class Engine {
 public:
  /// The one that `docker` would use (docker/which_engine.h), if it is on this host. Does not connect yet.
  static Result<Engine> from_environment();
  static Engine at(std::string socket_path);

  Result<EngineVersion> version(const Deadline& d, std::stop_token s = {}) const;
  /// All states. Filters as Docker's: {"label": ["dso.reloader=true"]}. Only id, name, image, labels, state and mounts are
  /// filled. A container that cannot be read is left out and named once in the log; one whose labels are too long has none.
  Result<std::vector<Container>> list(const std::map<std::string, std::vector<std::string>>& filters, const Deadline& d,
                                      std::stop_token s = {}) const;
  /// Likewise, without labels, for who may not miss one: what is done with files that no container mounts. EngineError where one
  /// cannot be read.
  Result<std::vector<Container>> list_all(const std::map<std::string, std::vector<std::string>>& filters, const Deadline& d,
                                          std::stop_token s = {}) const;
  /// By id or name, whole.
  Result<Container> inspect(const std::string& id_or_name, const Deadline& d, std::stop_token s = {}) const;
  Result<InspectedContainer> inspect_whole(const std::string& id_or_name, const Deadline& d, std::stop_token s = {}) const;
  /// The same for a look at one of several: one that the engine never answers about, while it answers, is an EngineError and not
  /// asked about again for a minute. It waits at most 10 s for an answer.
  Result<Container> look_at(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  Result<InspectedContainer> look_at_whole(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  /// Of a failed call about one container among several: true where that is no reason to pass over the others. It is gone, or the
  /// engine has an error with this one alone, which is then said once in the log. False: the engine does not answer, or nobody
  /// waits any more.
  bool passes_over(const Error& e) const;
  /// The same for who tells of it in its own words: nothing is logged.
  static bool is_about_one(const Error& e);
  /// NotFound when the image is not local.
  Result<ImageConfig> inspect_image(const std::string& reference, const Deadline& d, std::stop_token s = {}) const;
  Result<void> restart(const std::string& id, std::chrono::seconds stop_timeout, const Deadline& d, std::stop_token s = {}) const;
  Result<void> start(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  Result<void> kill(const std::string& id, const std::string& signal, const Deadline& d, std::stop_token s = {}) const;
  Result<void> stop(const std::string& id, std::chrono::seconds stop_timeout, const Deadline& d, std::stop_token s = {}) const;
  Result<void> rename(const std::string& id, const std::string& name, const Deadline& d, std::stop_token s = {}) const;
  /// Killed first if it runs (`force`). Named volumes stay, and anonymous ones too. One that is gone already is no error.
  Result<void> remove(const std::string& id, bool force, const Deadline& d, std::stop_token s = {}) const;
  /// The same with its anonymous volumes: for a container that never ran.
  Result<void> discard(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  /// Waits until it does not run, and gives the exit code of its last process.
  Result<int> wait_exit(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  /// Waits until it is removed, by whomever. False: it was still there when `d` passed.
  Result<bool> wait_removed(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  /// The engine's own JSON alone: its labels are whoever's.
  Result<SecretBuffer> inspect_text(const std::string& id_or_name, const Deadline& d, std::stop_token s = {}) const;
  /// `body` as clone_spec makes it; `platform` as "linux/arm64/v8", "": the engine's choice. The new container's id. A name that
  /// is taken: EngineError with store_code 409.
  Result<std::string> create(const std::string& name, const SecretBuffer& body, const Deadline& d, std::stop_token s = {},
                             const std::string& platform = {}) const;
  /// `endpoint`: the engine's EndpointSettings as JSON (aliases, IPAMConfig, …).
  Result<void> connect_network(const std::string& network, const std::string& id, std::string_view endpoint, const Deadline& d,
                               std::stop_token s = {}) const;
  Result<void> disconnect_network(const std::string& network, const std::string& id, const Deadline& d,
                                  std::stop_token s = {}) const;
  /// Runs a command in the container as its healthcheck would, and waits for it: its exit code. The output is dropped.
  Result<int> exec(const std::string& id, const std::vector<std::string>& command, const Deadline& d,
                   std::stop_token s = {}) const;
  /// The agreed API version, {1, 41}.
  Result<std::pair<int, int>> api_version(const Deadline& d, std::stop_token s = {}) const;
  /// The last `lines` of stdout and stderr, demultiplexed.
  Result<SecretBuffer> logs_tail(const std::string& id, int lines, const Deadline& d, std::stop_token s = {}) const;
  /// Calls `on_event` for each event until `stop` or on_event returns false (both no error), or the connection's end (error).
  /// `since_ns` (Unix time, 0: now) has the engine begin with events of the recent past, so that none is missed between a look
  /// and the subscription.
  Result<void> events(const std::map<std::string, std::vector<std::string>>& filters,
                      const std::function<bool(const EngineEvent&)>& on_event, std::stop_token stop,
                      std::int64_t since_ns = 0) const;

  /// What the engine remembers of the past since then (Unix time), the oldest first: the last 256 events of all.
  Result<std::vector<EngineEvent>> past_events(const std::map<std::string, std::vector<std::string>>& filters,
                                               std::int64_t since_ms, const Deadline& d, std::stop_token s = {}) const;

  /// What it has written into its own layer: each path that differs from its image.
  Result<std::vector<LayerChange>> layer_changes(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  Result<LayerEntry> layer_entry(const std::string& id, const std::string& path, const Deadline& d, std::stop_token s = {}) const;

  /// A file of its layer, running or not, as a tar archive of one entry.
  Result<SecretBuffer> get_file(const std::string& id, const std::string& path, const Deadline& d, std::stop_token s = {}) const;
  /// Unpacks such an archive at '/': for a container that has not started, and never where it has a tmpfs.
  Result<void> put_file(const std::string& id, const SecretBuffer& archive, const Deadline& d, std::stop_token s = {}) const;

  /// The body of a call that has no function here; `path` from after the version, percent-encoded. `what` for errors.
  Result<SecretBuffer> get(const std::string& path, const std::string& what, const Deadline& d, std::stop_token s = {}) const;

  /// From now on notes of rotations count: those with a MAC of this key, and those of the containers with the ids `adopted`.
  /// Before, none does.
  void believe_notes(SecretBytes key, std::set<std::string> adopted) const;
  bool knows_notes() const;
  /// For the label dso.rotation.mac; "" before believe_notes.
  std::string mac_of_notes(const std::map<std::string, std::string>& labels) const;

  const std::string& socket_path() const;

 private:
  Result<void> remove_by(const std::string& id, const char* query, const Deadline& d, std::stop_token s) const;
  explicit Engine(std::shared_ptr<EngineConnection> connection);
  Result<ContainerList> listed(const std::map<std::string, std::vector<std::string>>& filters, const Deadline& d,
                               const std::stop_token& s) const;
  /// Null: the image is gone, or its labels are too long to be kept.
  Result<std::shared_ptr<const std::map<std::string, std::string>>> labels_of_image(const std::string& image_id,
                                                                                    const Deadline& d,
                                                                                    const std::stop_token& s) const;
  Result<void> judge_labels(Container& c, const Deadline& d, const std::stop_token& s) const;
  void drop_labels(Container& c, const std::string& why) const;
  std::shared_ptr<EngineConnection> connection_;
  std::shared_ptr<EngineMemory> memory_;
};

/// Waits by events (not polling) until the container is healthy, or running for `stabilization` where it has no healthcheck.
/// Unhealthy: it ended, became unhealthy, or the deadline passed ("Healthcheck timeout").
Result<void> wait_healthy(const Engine& engine, const std::string& id, std::chrono::milliseconds stabilization, const Deadline& d,
                          std::stop_token s = {});

}  // namespace dso
