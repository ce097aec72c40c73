// Idle connections per origin, for the next request. Knows no HTTP.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/byte_stream.h"

namespace dso {

/// Thread-safe.
class ConnectionPool {
 public:
  explicit ConnectionPool(std::size_t max_idle) : max_idle_(max_idle) {}
  /// One that still looks open, or null. It may yet turn out to be stale.
  std::unique_ptr<ByteStream> take(const std::string& origin);
  void give(const std::string& origin, std::unique_ptr<ByteStream> stream);

 private:
  using Clock = std::chrono::steady_clock;
  struct Idle {
    std::unique_ptr<ByteStream> stream;
    Clock::time_point since;
  };
  const std::size_t max_idle_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Idle>> idle_;  // newest last
};

}  // namespace dso
