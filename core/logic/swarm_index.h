// A view of a Swarm by what is looked up in it: who uses a secret, which secrets belong together, whether an update is over.
// Pure; borrows the view.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/swarm.h"

namespace dso {

struct SwarmIndex {
  explicit SwarmIndex(const SwarmView& view);

  std::map<std::string, const SwarmSecret*> by_id;
  std::map<std::string, std::vector<const SwarmSecret*>> by_base;   ///< Those of our making, by the user's own.
  std::map<std::string, std::vector<const SwarmSecret*>> families;  ///< Likewise, with the user's own.
  std::map<std::string, std::vector<const SwarmTask*>> tasks_of;    ///< By service id.
  std::map<std::string, std::vector<const SwarmService*>> users;    ///< By secret id.
  std::set<std::string> used_by_tasks;                              ///< Secret ids.
  std::set<std::string> gone_back_to;  ///< Secret ids of specs before: Swarm, or whoever rolls a service back, needs them.

  /// A service's secrets whose values come from our driver.
  std::vector<const SwarmSecret*> driven_of(const SwarmService& service) const;
  /// It is in a spec, present or before, or in a task: who takes it away takes a service down.
  bool in_use(const std::string& secret_id) const;
  long task_count(const SwarmService& service) const;
  /// "db.7": one more than the highest there is, whoever made it.
  std::string next_name(const std::string& base) const;
  /// No update is under way, and every task is of the present spec.
  bool settled(const SwarmService& service) const;

 private:
  std::map<std::string, long> highest_;  ///< By "db.", the highest number of a name that begins so.
};

/// Its values come from our driver.
bool is_driven(const SwarmSecret& secret);
/// And we made it, for one version.
bool is_ours(const SwarmSecret& secret);
/// The name of the user's own secret.
std::string base_of(const SwarmSecret& secret);
bool opted_in(const std::map<std::string, std::string>& service_labels);

}  // namespace dso
