// What copies of one Engine share beside its connections. For core/docker/engine*.cpp only.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/said_once.h"
#include "base/secret_bytes.h"

namespace dso {

/// The labels of images by their ids, which name a content that does not change. Bounded; any thread.
class ImageLabels {
 public:
  /// Null in it: it is known that they cannot be had.
  using Labels = std::shared_ptr<const std::map<std::string, std::string>>;
  /// Nothing: not known, or an image that was not there is to be looked for again.
  std::optional<Labels> find(const std::string& image_id);
  void keep(const std::string& image_id, Labels labels);

 private:
  struct Kept {
    Labels labels;
    std::chrono::steady_clock::time_point since;
  };
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
  std::size_t bytes_ = 0;
};

/// Containers that the engine did not answer about, though it answered; each for a while. Any thread.
class SilentContainers {
 public:
  using Time = std::chrono::steady_clock::time_point;
  bool contains(const std::string& id, Time now) const {
    const std::lock_guard lock(mutex_);
    const auto since = since_.find(id);
    return since != since_.end() && now - since->second < kFor;
  }
  void note(const std::string& id, Time now) {
    const std::lock_guard lock(mutex_);
    std::erase_if(since_, [&](const auto& each) { return now - each.second >= kFor; });
    since_[id] = now;
  }

 private:
  /// It may only be slow to start, and what is not known of it matters then.
  static constexpr std::chrono::minutes kFor{1};
  mutable std::mutex mutex_;
  std::map<std::string, Time> since_;
};

/// By what the notes of a rotation are believed. Set once, before rotations are looked at.
struct NotesTrust {
  SecretBytes key;
  std::set<std::string> adopted;  ///< Ids of containers of a version that had no key.
};

/// Thread-safe.
struct EngineMemory {
  SaidOnce said;
  ImageLabels images;
  SilentContainers silent;

  std::shared_ptr<const NotesTrust> trust() const {
    const std::lock_guard lock(mutex_);
    return trust_;
  }
  void set_trust(std::shared_ptr<const NotesTrust> trust) {
    const std::lock_guard lock(mutex_);
    trust_ = std::move(trust);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const NotesTrust> trust_;
};

}  // namespace dso
