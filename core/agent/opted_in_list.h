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
  /// The engine said that something happened to it.
  void happened_to(const std::string& container_id);
  /// Events are heard from now on; what happened before may have been missed.
  void may_have_missed_something();

 private:
  void put(Container c);
  Result<void> list_whole(const Deadline& deadline, const std::stop_token& stop);
  Result<void> look_at(const std::set<std::string>& ids, const Deadline& deadline, const std::stop_token& stop);

  const Engine& engine_;
  std::mutex asking_;  ///< Held while the engine is asked; before mutex_.
  std::map<std::string, std::shared_ptr<const Container>> by_id_;
  std::shared_ptr<const Containers> list_;
  int gets_ = 0;

  std::mutex mutex_;
  std::set<std::string> changed_;
  bool listens_ = false, missed_ = true;
};

}  // namespace dso
