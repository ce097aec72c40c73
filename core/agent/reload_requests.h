// Whoever wants the agent to read its config anew, and the one thread that does it: SIGHUP waits for nothing, a client of the
// control socket for the verdict.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "base/result.h"

namespace dso {

/// Thread-safe. Requests that come while one is being answered get the next answer, all the same one.
class ReloadRequests {
 public:
  void ask() {
    const std::lock_guard lock(mutex_);
    ++asked_;
    changed_.notify_all();
  }
  /// What changed, for people; or why nothing did. Interrupted: `stop`.
  Result<std::string> ask_and_wait(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    const std::uint64_t mine = ++asked_;
    changed_.notify_all();
    if (!changed_.wait(lock, stop, [&] { return answered_ >= mine; }))
      return make_error(ErrorClass::interrupted, "Cannot read the config anew", "the agent stops");
    return verdict_;
  }
  /// Somebody asks: at once, or within `time`. False: nobody, or `stop`.
  bool wait(std::chrono::milliseconds time, std::stop_token stop) {
    std::unique_lock lock(mutex_);
    taken_ = changed_.wait_for(lock, stop, time, [&] { return asked_ > answered_; }) ? asked_ : answered_;
    return taken_ > answered_ && !stop.stop_requested();
  }
  /// To all who had asked when `wait` returned.
  void answer(Result<std::string> verdict) {
    const std::lock_guard lock(mutex_);
    verdict_ = std::move(verdict);
    answered_ = taken_;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t asked_ = 0, taken_ = 0, answered_ = 0;
  Result<std::string> verdict_ = std::string();
};

}  // namespace dso
