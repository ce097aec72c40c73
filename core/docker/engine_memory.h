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

/// By what the notes of a rotation are believed. Set once, before rotations are looked at.
struct NotesTrust {
  SecretBytes key;
  std::set<std::string> adopted;  ///< Ids of containers of a version that had no key.
};

/// Thread-safe.
struct EngineMemory {
  SaidOnce said;
  ImageLabels images;

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
