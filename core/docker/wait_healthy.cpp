// Follows one container's events on a second thread while this one looks, decides (logic/health.h) and waits.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/memory_refused.h"
#include "docker/engine.h"
#include "logic/health.h"

namespace dso {
namespace {

using Clock = std::chrono::steady_clock;

/// After a lost connection to the engine, and between looks that failed.
constexpr std::chrono::milliseconds kRetryPause{250};
/// Events decide; a look this often makes a lost one cost seconds instead of the whole deadline.
constexpr std::chrono::seconds kLookAgain{5};

/// The container's events since its construction, in a queue. Reconnects by itself.
class EventQueue {
 public:
  EventQueue(const Engine& engine, const std::string& id)
      : since_ns_(
            std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count()),
        thread_([this, engine, id](std::stop_token s) { follow(engine, id, s); }) {}

  /// True: an event is in `out`. False: `until` has come or a stop was requested.
  bool wait(EngineEvent& out, Clock::time_point until, const std::stop_token& s) {
    std::unique_lock lock(mutex_);
    if (!came_.wait_until(lock, s, until, [&] { return !queue_.empty(); })) return false;
    out = std::move(queue_.front());
    queue_.pop_front();
    return true;
  }

 private:
  void follow(const Engine& engine, const std::string& id, const std::stop_token& s) {
    const std::map<std::string, std::vector<std::string>> filters{
        {"type", {"container"}}, {"container", {id}}, {"event", {"start", "unpause", "die", "destroy", "health_status"}}};
    std::mutex mutex;
    std::condition_variable_any pause;
    while (!s.stop_requested()) {
      // The engine says "events from now on" before it listens to them: `since` closes that gap.
      bool broke_off = true;
      unless_memory_is_refused("Reloader", "Listening to the engine", [&] {
        broke_off = engine
                        .events(
                            filters, [&](const EngineEvent& e) { return push(e); }, s, since_ns_)
                        .has_error();
      });
      std::unique_lock lock(mutex);
      if (broke_off) pause.wait_for(lock, s, kRetryPause, [] { return false; });
    }
  }
  bool push(const EngineEvent& event) {
    {
      std::lock_guard lock(mutex_);
      queue_.push_back(event);
      if (event.time_ns >= since_ns_) since_ns_ = event.time_ns + 1;
    }
    came_.notify_all();
    return true;
  }

  std::int64_t since_ns_;
  std::mutex mutex_;
  std::condition_variable_any came_;
  std::deque<EngineEvent> queue_;
  std::jthread thread_;  // last: it uses the others
};

std::string shown(const std::string& id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string::npos ? id.substr(0, 12) : id;
}

Error health_error(ErrorClass cls, const std::string& id, std::string cause) {
  Error e;
  e.cls = cls;
  e.what = (cls == ErrorClass::interrupted ? "Stopped waiting for container '" : "Failed to see container '") + shown(id) +
           (cls == ErrorClass::interrupted ? "'" : "' healthy");
  e.cause = std::move(cause);
  return e;
}

}  // namespace

Result<void> wait_healthy(const Engine& engine, const std::string& id, std::chrono::milliseconds stabilization, const Deadline& d,
                          std::stop_token s) {
  EventQueue events(engine, id);
  HealthWatch watch(stabilization);
  Error late = health_error(ErrorClass::unhealthy, id, "Healthcheck timeout");
  for (bool looked = false;;) {
    if (s.stop_requested()) return health_error(ErrorClass::interrupted, id, "stopped");
    auto container = engine.inspect(id, d, s);
    if (container.has_error() && container.error().cls != ErrorClass::engine_unreachable) return std::move(container).error();
    if (container.has_error() && !looked) late = container.error();  // then it is not the container that is late
    if (container.has_value() && !std::exchange(looked, true))
      late = health_error(ErrorClass::unhealthy, id, "Healthcheck timeout");
    if (d.passed()) return late;

    HealthDecision decision;
    Clock::time_point until = Clock::now() + kLookAgain;
    if (container.has_value()) {
      decision = watch.on_state(*container, Clock::now());
      if (decision.again_at) until = std::min(until, *decision.again_at);
    } else {
      until = Clock::now() + kRetryPause;  // the engine may be restarting
    }
    while (decision.verdict == HealthVerdict::wait) {
      EngineEvent event;
      if (!events.wait(event, std::min(until, d.time()), s)) break;
      decision = watch.on_event(event);
    }
    if (decision.verdict == HealthVerdict::healthy) return {};
    if (decision.verdict == HealthVerdict::failed) return health_error(ErrorClass::unhealthy, id, decision.cause);
    if (decision.verdict == HealthVerdict::gone) return health_error(ErrorClass::not_found, id, decision.cause);
    if (d.passed()) return late;
  }
}

}  // namespace dso
