// Which containers somebody ended by the engine's API (`docker stop`, `kill`, `restart`): such an end says nothing about a value.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace dso {

/// Thread-safe.
class AskedEnds {
 public:
  /// The engine is listened to from now on (ms since the host started); what happened before, nobody saw.
  void listens(std::int64_t now_boot_ms) {
    const std::lock_guard lock(mutex_);
    listens_since_ = now_boot_ms;
  }
  /// Somebody sent it a signal through the engine.
  void asked(const std::string& container_id, std::int64_t now_boot_ms) {
    const std::lock_guard lock(mutex_);
    std::erase_if(asked_, [&](const auto& each) { return now_boot_ms - each.second > kRemembered; });
    asked_[container_id] = now_boot_ms;
  }
  /// It was asked to end since then; where nobody listened all the time, only the engine knows.
  bool was_asked(const std::string& container_id, std::int64_t since_boot_ms) const {
    const std::lock_guard lock(mutex_);
    const auto asked = asked_.find(container_id);
    return asked != asked_.end() && asked->second >= since_boot_ms;
  }
  bool listened_since(std::int64_t since_boot_ms) const {
    const std::lock_guard lock(mutex_);
    return listens_since_ > 0 && listens_since_ <= since_boot_ms;
  }

 private:
  static constexpr std::int64_t kRemembered = 7'200'000;  ///< Longer than agent.rotation.monitor may be.
  mutable std::mutex mutex_;
  std::int64_t listens_since_ = 0;
  std::map<std::string, std::int64_t> asked_;  ///< Container id -> when.
};

}  // namespace dso
