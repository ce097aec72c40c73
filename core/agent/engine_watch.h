// Follows the engine's events and says when a container starts without the secrets it should have. Touches no container.
#pragma once
#include <functional>
#include <string>
#include <thread>

#include "delivery/tmpfs_store.h"
#include "docker/engine.h"

namespace dso {

class EngineWatch {
 public:
  /// References must outlive this object. `reconnected` is called when the engine answers again after it was away; `happened`
  /// with the id of each container that started, ended, was renamed or removed; `runs_again` with that of each that was paused.
  /// All on this object's thread.
  EngineWatch(const Engine& engine, const TmpfsStore& store, std::function<void()> reconnected,
              std::function<void(const std::string& container)> happened,
              std::function<void(const std::string& container)> runs_again);

 private:
  void run(std::stop_token stop);
  void started(const EngineEvent& event);

  const Engine& engine_;
  const TmpfsStore& store_;
  std::function<void()> reconnected_;
  std::function<void(const std::string&)> happened_, runs_again_;
  std::jthread thread_;  ///< Last: it ends before what it uses.
};

}  // namespace dso
