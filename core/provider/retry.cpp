// The two decisions.
#include "provider/retry.h"

#include <algorithm>

#include "logic/backoff.h"

namespace dso {

std::optional<std::chrono::milliseconds> next_retry(const FailedAttempt& failed, const RetryPolicy& policy,
                                                    std::chrono::milliseconds left, double random) {
  if (failed.number >= policy.attempts) return std::nullopt;
  const bool malformed_once = failed.cls == ErrorClass::malformed && failed.number == 1;
  if (!is_transient(failed.cls) && !malformed_once) return std::nullopt;
  auto wait = backoff_full_jitter(failed.number - 1, policy.backoff, policy.cap, random);
  if (failed.retry_after) wait = std::max(wait, *failed.retry_after);
  if (wait + std::max(failed.took, policy.shortest) > left) return std::nullopt;
  return wait;
}

std::chrono::milliseconds restart_delay(int deaths_in_a_row, const RestartPolicy& policy) {
  if (deaths_in_a_row <= 1) return std::chrono::milliseconds(0);
  return backoff_exponential(deaths_in_a_row - 2, policy.base, policy.cap);
}

}  // namespace dso
