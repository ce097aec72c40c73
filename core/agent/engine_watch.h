// Follows the engine's events and says when a container starts without the secrets it should have. Touches no container.
#pragma once
#include <functional>
#include <string>
#include <thread>

#include "agent/asked_ends.h"
#include "base/said_once.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"

namespace dso {

class EngineWatch {
 public:
  /// Who is called, each with the id of a container; all on this object's thread.
  struct Calls {
    std::function<void()> listens;                                 ///< Events come from now on.
    std::function<void()> reconnected;                             ///< The engine answers again after it was away.
    std::function<void(const std::string& container)> happened;    ///< It is another than before, or in another state.
    std::function<void(const std::string& container)> runs_again;  ///< It was paused.
    std::function<void(const std::string& container)> suffers;     ///< It ended, or its health is bad.
  };
  /// References must outlive this object.
  EngineWatch(const Engine& engine, const TmpfsStore& store, AskedEnds& asked_ends, Calls calls);

 private:
  void run(std::stop_token stop);
  void pass_on(const EngineEvent& event);
  void started(const EngineEvent& event);
  /// Once for a container, however often it starts.
  void tell_of_entrypoint(const Container& container);

  const Engine& engine_;
  const TmpfsStore& store_;
  AskedEnds& asked_ends_;
  const Calls calls_;
  SaidOnce said_;
  std::jthread thread_;  ///< Last: it ends before what it uses.
};

}  // namespace dso
