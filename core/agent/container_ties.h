// Which containers of the host stand on others (logic/dependents.h), kept up by the engine's events in the agent; a command asks
// once.
#pragma once
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/changed_containers.h"
#include "docker/engine.h"

namespace dso {

/// Thread-safe; one asks the engine at a time.
class ContainerTies {
 public:
  enum class Asks { by_events, once };
  /// The engine must outlive this object. `once`: for a command, which hears no events and is over in a moment.
  explicit ContainerTies(const Engine& engine, Asks asks = Asks::by_events)
      : engine_(engine), changed_(1000, asks == Asks::once) {}

  /// Who depends on `container` now, in the order in which they are restarted after it.
  Result<std::vector<Dependent>> dependents_of(const Container& container, const Deadline& deadline, std::stop_token stop);
  ChangedContainers& events() { return changed_; }

  const Engine& engine() const { return engine_; }

 private:
  Result<void> look_at(const std::set<std::string>& ids, const Deadline& deadline, const std::stop_token& stop);

  const Engine& engine_;
  std::mutex asking_;                      ///< Held while the engine is asked.
  std::map<std::string, Container> tied_;  ///< By id; of others nothing is kept.
  ChangedContainers changed_;
};

/// Why `container` could not start again, by whom it stands on (logic/dependents); "" where it could. Asks the engine of each.
Result<std::string> find_missing_host(const Engine& engine, const Container& container, const Deadline& deadline,
                                      std::stop_token stop);

}  // namespace dso
