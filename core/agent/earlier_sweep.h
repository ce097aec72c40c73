// Takes the generation before out of a container's sight soon after a switch: whoever watches an old file hears of its end, and
// whoever walks through the folder finds one value. What a rollback needs is kept beside (delivery/scope_folder.h).
#pragma once
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "delivery/tmpfs_store.h"

namespace dso {

/// A thread of its own, since whoever switched goes on with telling containers. The store must outlive it.
class EarlierSweep {
 public:
  explicit EarlierSweep(TmpfsStore& store);
  ~EarlierSweep();
  EarlierSweep(const EarlierSweep&) = delete;

 private:
  void work(std::stop_token stop);

  TmpfsStore& store_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, std::chrono::steady_clock::time_point> due_;  ///< By scope.
  std::jthread thread_;
};

}  // namespace dso
