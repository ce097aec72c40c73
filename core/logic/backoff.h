// How long to wait before trying again. Pure: randomness comes in as a number in [0, 1).
#pragma once
#include <chrono>

namespace dso {

/// Full jitter: random × min(base × 2^attempt, cap), attempt counting from 0.
std::chrono::milliseconds backoff_full_jitter(int attempt, std::chrono::milliseconds base, std::chrono::milliseconds cap,
                                              double random);
/// base × 2^attempt, at most cap: for waits that people read in a log.
std::chrono::milliseconds backoff_exponential(int attempt, std::chrono::milliseconds base, std::chrono::milliseconds cap);

}  // namespace dso
