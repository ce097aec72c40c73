// The containers that opted in, kept up by the engine's events: at rest a poll asks the engine for nothing. The whole list is
// asked for now and then all the same, and whenever something may have been missed.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/changed_containers.h"
#include "docker/engine.h"

namespace dso {

/// Thread-safe; one asks the engine at a time, the others wait for what it hears.
class OptedInList {
 public:
  using Containers = std::vector<std::shared_ptr<const Container>>;

  /// The engine must outlive this object.
  explicit OptedInList(const Engine& engine) : engine_(engine) {}

  /// As the engine's list has them, whatever they do now.
  Result<std::shared_ptr<const Containers>> get(const Deadline& deadline, std::stop_token stop);
  ChangedContainers& events() { return changed_; }

 private:
  void put(Container c);
  Result<void> list_whole(const Deadline& deadline, const std::stop_token& stop);
  Result<void> look_at(const std::set<std::string>& ids, const Deadline& deadline, const std::stop_token& stop);

  const Engine& engine_;
  std::mutex asking_;  ///< Held while the engine is asked.
  std::map<std::string, std::shared_ptr<const Container>> by_id_;
  std::shared_ptr<const Containers> list_;
  int gets_ = 0;
  ChangedContainers changed_{16};  ///< More are cheaper as one list.
};

}  // namespace dso
