// Is a container that was just started or told of a new secret good? The decision alone: states, events and time come in, a
// verdict goes out. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "logic/docker_json.h"
#include "model/container.h"

namespace dso {

enum class HealthVerdict {
  wait,  ///< Nothing decided; look again at `again_at` at the latest, if set.
  look,  ///< Something happened: inspect now.
  healthy,
  failed,  ///< See `cause`.
  gone,    ///< There is no such container any more.
};
struct HealthDecision {
  HealthVerdict verdict = HealthVerdict::wait;
  std::string cause;
  std::optional<std::chrono::steady_clock::time_point> again_at;
};

/// What one wait has seen. Feed it a state first; `stabilization` runs from the first "running" it sees, for containers without
/// healthcheck.
class HealthWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit HealthWatch(std::chrono::milliseconds stabilization) : stabilization_(stabilization) {}
  HealthDecision on_state(const Container& c, Time now);
  /// Events of another container (the engine's filter takes a name as a prefix) or of an earlier life of this one (before its
  /// StartedAt) count for nothing.
  HealthDecision on_event(const EngineEvent& event) const;

 private:
  std::chrono::milliseconds stabilization_;
  std::string id_;
  std::optional<Time> running_since_;
  std::int64_t started_at_ms_ = 0;
};

}  // namespace dso
