// Which containers the engine's events have spoken of since somebody last looked: for who keeps what the engine said of them.
// Bounded, since nobody may look for days.
#pragma once
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace dso {

/// Thread-safe.
class ChangedContainers {
 public:
  /// More changes than `most` are looked at as a whole. `listens`: for a command, which looks once and is over before anything
  /// can happen.
  explicit ChangedContainers(std::size_t most, bool listens = false) : most_(most), listens_(listens) {}

  /// The engine said that something happened to it.
  void happened_to(const std::string& container_id) {
    const std::lock_guard lock(mutex_);
    if (missed_) return;
    changed_.insert(container_id);
    if (changed_.size() > most_) miss();
  }
  /// Events are heard from now on; what happened before may have been missed.
  void may_have_missed_something() {
    const std::lock_guard lock(mutex_);
    listens_ = true;
    miss();
  }
  /// What was taken could not be looked at.
  void look_failed() {
    const std::lock_guard lock(mutex_);
    miss();
  }

  struct Taken {
    std::set<std::string> ids;
    bool whole = false;  ///< All are to be looked at, and `ids` says nothing.
  };
  /// To be taken before the engine is asked: an event that comes meanwhile counts for the next time.
  Taken take() {
    const std::lock_guard lock(mutex_);
    return {std::exchange(changed_, {}), std::exchange(missed_, false) || !listens_};
  }

 private:
  void miss() {
    missed_ = true;
    changed_.clear();
  }

  const std::size_t most_;
  std::mutex mutex_;
  std::set<std::string> changed_;
  bool listens_, missed_ = true;
};

}  // namespace dso
