// Clocks whose times mean something to another process or after a restart. Decisions get them passed in.
#pragma once
#include <time.h>

#include <chrono>
#include <cstdint>

namespace dso {

/// Milliseconds since 1970, UTC.
inline std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Milliseconds since the host started, suspended time included. Nobody can set this clock, and the kernel dates processes by it;
/// it means nothing after a reboot, nor does the tmpfs.
inline std::int64_t boot_ms() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

/// That clock for chrono: for spans that count while the host sleeps, as those of others' promises (a lease) do.
struct BootClock {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now() { return time_point(duration(boot_ms())); }
};

}  // namespace dso
