// The Docker engine's API over its unix socket: the calls that DSO makes, blocking, each with a deadline and a stop token.
// Knows nothing of secrets. Errors: EngineUnreachable (socket, connection), NotFound (no such container), EngineError.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/secret_bytes.h"
#include "logic/docker_json.h"  // EngineVersion, EngineEvent
#include "model/container.h"

namespace dso {

class EngineConnection;

/// Thread-safe; a connection per call in flight, kept for the next. Copies are cheap and share connections.
class Engine {
 public:
  /// From DOCKER_HOST (unix:///path only), else /var/run/docker.sock. Does not connect yet.
  static Result<Engine> from_environment();
  static Engine at(std::string socket_path);

  Result<EngineVersion> version(const Deadline& d, std::stop_token s = {}) const;
  /// All states. Filters as Docker's: {"label": ["dso.reloader=true"]}. Only id, name, image, labels and state are filled.
  Result<std::vector<Container>> list(const std::map<std::string, std::vector<std::string>>& filters, const Deadline& d,
                                      std::stop_token s = {}) const;
  /// By id or name, whole.
  Result<Container> inspect(const std::string& id_or_name, const Deadline& d, std::stop_token s = {}) const;
  /// NotFound when the image is not local.
  Result<ImageConfig> inspect_image(const std::string& reference, const Deadline& d, std::stop_token s = {}) const;
  Result<void> restart(const std::string& id, std::chrono::seconds stop_timeout, const Deadline& d, std::stop_token s = {}) const;
  Result<void> start(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  Result<void> kill(const std::string& id, const std::string& signal, const Deadline& d, std::stop_token s = {}) const;
  Result<void> stop(const std::string& id, std::chrono::seconds stop_timeout, const Deadline& d, std::stop_token s = {}) const;
  Result<void> rename(const std::string& id, const std::string& name, const Deadline& d, std::stop_token s = {}) const;
  /// Killed first if it runs (`force`). Named volumes stay, and anonymous ones too. One that is gone already is no error.
  Result<void> remove(const std::string& id, bool force, const Deadline& d, std::stop_token s = {}) const;
  /// Waits until it is removed, by whomever. False: it was still there when `d` passed.
  Result<bool> wait_removed(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  /// The engine's own JSON, for clone_spec; in wiping memory, since it holds the environment.
  Result<SecretBuffer> inspect_text(const std::string& id_or_name, const Deadline& d, std::stop_token s = {}) const;
  /// What `inspect` makes of that text, for who needs both.
  static Result<Container> read_inspect(const std::string& id_or_name, const SecretBuffer& text);
  /// `body` as clone_spec makes it. The new container's id. A name that is taken: EngineError with store_code 409.
  Result<std::string> create(const std::string& name, const SecretBuffer& body, const Deadline& d, std::stop_token s = {}) const;
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

  /// The body of a call that has no function here; `path` from after the version, percent-encoded. `what` for errors.
  Result<SecretBuffer> get(const std::string& path, const std::string& what, const Deadline& d, std::stop_token s = {}) const;

  const std::string& socket_path() const;

 private:
  explicit Engine(std::shared_ptr<EngineConnection> connection) : connection_(std::move(connection)) {}
  std::shared_ptr<EngineConnection> connection_;
};

/// Waits by events (not polling) until the container is healthy, or running for `stabilization` where it has no healthcheck.
/// Unhealthy: it ended, became unhealthy, or the deadline passed ("Healthcheck timeout").
Result<void> wait_healthy(const Engine& engine, const std::string& id, std::chrono::milliseconds stabilization, const Deadline& d,
                          std::stop_token s = {});

}  // namespace dso
