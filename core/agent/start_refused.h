// Starts the containers that the engine could not start while their secrets were not there, now that they are. Starts nothing
// else.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>

#include "delivery/tmpfs_store.h"
#include "docker/engine.h"

namespace dso {

class RefusedStarts {
 public:
  /// References must outlive this object.
  RefusedStarts(const Engine& engine, const TmpfsStore& store) : engine_(engine), store_(store) {}

  /// One pass over the stopped containers whose scope is delivered, within `budget`. True: nothing is left to try. Errors: the
  /// engine does not answer. Any thread, one pass at a time.
  Result<bool> start(std::chrono::milliseconds budget, std::stop_token stop);

 private:
  /// Of one container, until it starts: something else may be wrong with it, or this host's engine may not see our tmpfs.
  struct Tries {
    int count = 0;
    std::chrono::steady_clock::time_point next{};
  };
  bool start_one(const Container& container, const Deadline& deadline, std::stop_token stop);

  const Engine& engine_;
  const TmpfsStore& store_;
  std::mutex mutex_;
  std::map<std::string, Tries> tries_;
};

}  // namespace dso
