// The engine's API for a Swarm, on a manager: what planning reads, and the four calls that change something. Blocking, each with
// a deadline and a stop token. Knows no secret value: Swarm secrets of driver "dso" have none.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "base/deadline.h"
#include "base/result.h"
#include "logic/swarm_json.h"
#include "model/swarm.h"

namespace dso {

class EngineConnection;

/// Thread-safe. Errors as Engine's; a node that is no manager (any more) is EngineError with store_code 503.
class SwarmClient {
 public:
  explicit SwarmClient(std::string socket_path);

  /// This node's part; member is false outside a Swarm and on workers.
  Result<SwarmNode> self(const Deadline& d, std::stop_token s = {}) const;
  Result<SwarmView> view(const Deadline& d, std::stop_token s = {}) const;

  /// The new secret's id. A name that is taken: EngineError with store_code 409.
  Result<std::string> create_secret(const std::string& name, const std::string& driver,
                                    const std::map<std::string, std::string>& labels, const Deadline& d,
                                    std::stop_token s = {}) const;
  /// With `secret.labels` as they are to be; refused by the engine where `secret.index` is no longer the newest.
  Result<void> set_labels(const SwarmSecret& secret, const Deadline& d, std::stop_token s = {}) const;
  /// One that is gone already is no error; one in use is.
  Result<void> remove_secret(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  Result<void> move_service(const std::string& id, const std::map<std::string, SwarmMove>& moves, const Deadline& d,
                            std::stop_token s = {}) const;
  /// Its owner's update settings, after an update; no task is touched by that.
  Result<void> give_settings_back(const std::string& id, const Deadline& d, std::stop_token s = {}) const;
  /// The spec before its last update, as `docker service rollback` asks for it.
  Result<void> go_back(const std::string& id, const Deadline& d, std::stop_token s = {}) const;

 private:
  Result<void> update_service(const std::string& id, const std::function<Result<SecretBuffer>(std::string_view)>& body,
                              const Deadline& d, std::stop_token s, const std::string& how = {}) const;

  std::shared_ptr<EngineConnection> connection_;
};

}  // namespace dso
