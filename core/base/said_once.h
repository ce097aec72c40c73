// What is told once and not at each look: a line that would come again with every poll. Any thread.
#pragma once
#include <mutex>
#include <set>
#include <string>

namespace dso {

class SaidOnce {
 public:
  /// True the first time for this text. Bounded: after many others it may be true again.
  bool first(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (said_.size() >= kMost) said_.clear();
    return said_.insert(text).second;
  }

 private:
  static constexpr std::size_t kMost = 1000;
  std::mutex mutex_;
  std::set<std::string> said_;
};

}  // namespace dso
