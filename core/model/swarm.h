// A Swarm as its manager shows it: what planning needs. Names and ids only; a secret of driver "dso" has no value in the cluster.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dso {

namespace label {
inline constexpr const char* kSwarmSecret = "dso.secret";  ///< [provider/]name[#field]; else the Swarm secret's own name.
inline constexpr const char* kSwarmField = "dso.field";    ///< Which of its fields, where it has several.
inline constexpr const char* kSwarmVersion =
    "dso.version";                                     ///< Set by us: the store's version that this Swarm secret stands for.
inline constexpr const char* kSwarmBase = "dso.base";  ///< Set by us: the name of the user's own Swarm secret.
inline constexpr const char* kSwarmRefused =
    "dso.refused";  ///< Set by us: ids of services that rolled back from it, comma-separated.
/// Set by us on a service for the time of an update: what its owner's update settings were (JSON), which it gets back.
inline constexpr const char* kSwarmOwners = "dso.update.owners";
}  // namespace label

struct SwarmSecret {
  std::string id, name, driver;
  std::uint64_t index = 0;  ///< Of the object, for its next update.
  std::map<std::string, std::string> labels;
  std::int64_t created_at_ms = 0;
  bool asked_of_us = false;  ///< The engine has asked this agent for it: its driver is ours, whatever it is called.
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
  /// Of the spec before, to which Swarm can go back; none where there is no spec before.
  std::vector<std::string> secret_ids_before;
  bool start_first = false;  ///< Its owner's update order: a new task has to find room beside the old one.
  std::string update_state;  ///< "", updating, paused, completed, rollback_started, rollback_paused, rollback_completed
  std::string update_message;
  std::int64_t update_started_ms = 0;
};

/// A task that runs or is to run.
struct SwarmTask {
  std::string id, service_id;
  std::vector<std::string> secret_ids;
  std::string no_room = {};  ///< Why no node takes it, in the scheduler's words; empty: it has one, or was not looked at.
  std::int64_t created_at_ms = 0;
};

struct SwarmView {
  std::vector<SwarmSecret> secrets;
  std::vector<SwarmService> services;
  std::vector<SwarmTask> tasks;
  std::vector<std::string> unread;  ///< Why an object is not among them: what it uses is not known.
};

}  // namespace dso
