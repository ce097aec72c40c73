// Deadline: until when a blocking call may take. Every call that can wait takes one, and a std::stop_token.
#pragma once
#include <algorithm>
#include <chrono>

namespace dso {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  static Deadline in(Clock::duration d) { return Deadline(Clock::now() + d); }
  static Deadline at(Clock::time_point t) { return Deadline(t); }
  static Deadline never() { return Deadline(Clock::time_point::max()); }

  Clock::time_point time() const { return at_; }
  bool passed() const { return at_ != Clock::time_point::max() && Clock::now() >= at_; }
  /// What is left, never negative; for never() a day at a time.
  std::chrono::milliseconds left() const {
    if (at_ == Clock::time_point::max()) return std::chrono::hours(24);
    auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now());
    return std::max(left, std::chrono::milliseconds(0));
  }
  /// The earlier of the two.
  Deadline capped(Clock::duration d) const { return Deadline(std::min(at_, Clock::now() + d)); }

 private:
  explicit Deadline(Clock::time_point t) : at_(t) {}
  Clock::time_point at_;
};

}  // namespace dso
