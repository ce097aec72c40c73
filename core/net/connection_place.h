// What a connection does at this moment, told by its own thread and read by the one that gives the places away.
#pragma once
#include <atomic>
#include <chrono>
#include <utility>

#include "logic/fair_places.h"

namespace dso {

/// Thread-safe. A place that was given to another is never had again: whoever works finds out when it is done.
class ConnectionPlace {
 public:
  using Clock = std::chrono::steady_clock;
  using Doing = Visitor::Doing;

  /// False: the place was given to another; nothing may begin any more.
  bool begin_work() { return change(Doing::idle, Doing::works); }
  void begin_writing() { change(Doing::works, Doing::writes); }
  /// False: as with begin_work.
  bool end_work() { return change(Doing::writes, Doing::idle) || change(Doing::works, Doing::idle); }

  /// The first request has not come in time, as far as it came at all.
  void is_late() { late_ = true; }
  bool late() { return std::exchange(late_, false); }

  Doing doing() const { return doing_; }
  Clock::time_point since() const { return since_; }
  /// False: it does something else than `seen` by now.
  bool give_up(Doing seen) { return change(seen, Doing::leaves); }
  /// It is we who have not listened yet: it counts as idle from now on.
  void excuse() { since_ = Clock::now(); }

 private:
  bool change(Doing from, Doing to) {
    if (!doing_.compare_exchange_strong(from, to)) return false;
    since_ = Clock::now();
    return true;
  }
  bool late_ = false;  // before the thread begins, then the thread's own
  std::atomic<Doing> doing_{Doing::idle};
  std::atomic<Clock::time_point> since_{Clock::now()};
};

}  // namespace dso
