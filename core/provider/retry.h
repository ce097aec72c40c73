// When to ask a store again and when to start a dead provider process again. Pure: time and randomness come in.
#pragma once
#include <chrono>
#include <optional>

#include "base/error.h"

namespace dso {

struct RetryPolicy {
  int attempts = 3;  ///< In all, the first included.
  std::chrono::milliseconds backoff{1000};
  std::chrono::milliseconds cap{20000};
  std::chrono::milliseconds shortest{50};  ///< No attempt is begun with less time than that.
};
struct FailedAttempt {
  int number = 1;  ///< Counting from 1.
  ErrorClass cls = ErrorClass::internal;
  std::optional<std::chrono::milliseconds> retry_after;  ///< The store's hint, a lower bound.
  std::chrono::milliseconds took{0};
};
/// How long to wait before the next attempt; nothing: give up. Transient classes up to `attempts`, Malformed once. `left`, the
/// time to the deadline, must be enough for the wait and then for what the failed one took: cut off, the next one would only hide
/// why this one failed. `random` in [0, 1): full jitter.
std::optional<std::chrono::milliseconds> next_retry(const FailedAttempt& failed, const RetryPolicy& policy,
                                                    std::chrono::milliseconds left, double random);

struct RestartPolicy {
  std::chrono::milliseconds base{1000};
  std::chrono::milliseconds cap{60000};
};
/// How long after its last death a process may be started again: at once after the first, then doubling.
std::chrono::milliseconds restart_delay(int deaths_in_a_row, const RestartPolicy& policy);

}  // namespace dso
