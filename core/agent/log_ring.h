// The agent's last log lines, in memory, for `dso logs` and `dso watch`. Bounded: a reader that is too slow misses lines, and
// never holds up the agent.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace dso {

/// Thread-safe. Lines are numbered from 0 as they come; those that are written before this object is made are not seen.
class LogRing {
 public:
  explicit LogRing(std::size_t lines = 1000);
  ~LogRing();
  LogRing(const LogRing&) = delete;

  struct Line {
    std::uint64_t number = 0;
    std::string text;  ///< Without a newline.
  };
  /// All that is held, oldest first.
  std::vector<Line> held() const;
  /// The number that the next line will have.
  std::uint64_t next() const;
  /// Line `number`, or the oldest one held where it is gone by now; waits for it. Nothing after `patience` or at a stop.
  std::optional<Line> wait(std::uint64_t number, std::chrono::milliseconds patience, std::stop_token stop);

 private:
  void add(const std::string& line);

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<std::string> lines_;
  std::uint64_t first_ = 0;  ///< The number of lines_.front().
  int id_;                   ///< Of our place among the log's followers.
};

}  // namespace dso
