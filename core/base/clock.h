// The wall clock, where a time must mean something to another process or after a restart. Decisions get it passed in.
#pragma once
#include <chrono>
#include <cstdint>

namespace dso {

/// Milliseconds since 1970, UTC.
inline std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace dso
