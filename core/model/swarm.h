// A Swarm as its manager shows it: what planning needs. Names and ids only; a secret of driver "dso" has no value in the cluster.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dso {

namespace label {
inline constexpr const char* kSwarmSecret = "dso.secret";  ///< [provider/]name[#field]; else the Swarm secret's own name.
inline constexpr const char* kSwarmVersion =
    "dso.version";                                     ///< Set by us: the store's version that this Swarm secret stands for.
inline constexpr const char* kSwarmBase = "dso.base";  ///< Set by us: the name of the user's own Swarm secret.
inline constexpr const char* kSwarmRefused =
    "dso.refused";  ///< Set by us: ids of services that rolled back from it, comma-separated.
}  // namespace label

struct SwarmSecret {
  std::string id, name, driver;
  std::uint64_t index = 0;  ///< Of the object, for its next update.
  std::map<std::string, std::string> labels;
  std::int64_t created_at_ms = 0;
  std::string label_or(const char* key, const std::string& fallback = {}) const {
    const auto it = labels.find(key);
    return it == labels.end() ? fallback : it->second;
  }
};

struct SwarmService {
  std::string id, name;
  std::uint64_t index = 0;
  std::map<std::string, std::string> labels;
  std::vector<std::string> secret_ids;  ///< Of its present spec.
  std::string update_state;  ///< "", updating, paused, completed, rollback_started, rollback_paused, rollback_completed
  std::string update_message;
  std::int64_t update_started_ms = 0;
};

/// A task that runs or is to run.
struct SwarmTask {
  std::string id, service_id;
  std::vector<std::string> secret_ids;
};

struct SwarmView {
  std::vector<SwarmSecret> secrets;
  std::vector<SwarmService> services;
  std::vector<SwarmTask> tasks;
  std::vector<std::string> unread;  ///< Why an object is not among them: what it uses is not known.
};

}  // namespace dso
