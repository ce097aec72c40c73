// What another config changes for an agent that runs. Names and settings, no credential. Pure.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "model/config.h"

namespace dso {

struct NamesChanged {
  std::set<std::string> added, removed, changed;
  bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
};
struct ConfigChange {
  NamesChanged instances;             ///< By name.
  NamesChanged secrets;               ///< "instance/name", however many entries of `secrets:` have it.
  std::vector<std::string> settings;  ///< "agent.watch.polling_interval: 2m -> 1s"
  std::vector<std::string> later;     ///< Those of them that count from the agent's next start on, by key.
  /// The instances whose stores are not what they were.
  std::set<std::string> outdated() const;
};

/// Where something stands in the file does not count.
ConfigChange config_change(const Config& before, const Config& after);

/// One sentence for the log, and one more for what waits for a restart; "Nothing in it has changed".
std::string config_change_text(const ConfigChange& change);

}  // namespace dso
