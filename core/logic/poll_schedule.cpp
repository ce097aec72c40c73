// The schedule's arithmetic.
#include "logic/poll_schedule.h"

#include <algorithm>

#include "logic/backoff.h"

namespace dso {

using std::chrono::milliseconds;

PollNext next_poll(PollState before, std::optional<ErrorClass> error, std::optional<milliseconds> retry_after,
                   milliseconds interval, double random) {
  PollNext next;
  const auto jitter = milliseconds(static_cast<long long>(static_cast<double>(interval.count()) * 0.2 * (random - 0.5)));
  if (!error) {
    next.came_back = before.last_error.has_value();
    next.wait = interval + jitter;
    return next;
  }
  next.state.failures = before.failures + 1;
  next.state.last_error = error;
  next.went_down = before.last_error != error;
  if (is_transient(*error)) {
    // At least half of the backed-off wait: with full jitter alone a store that is down would be asked at once again.
    const auto whole = backoff_exponential(before.failures, milliseconds(1000), std::max(interval, milliseconds(1000)));
    next.wait = whole / 2 + backoff_full_jitter(0, whole / 2, whole / 2, random);
  } else {
    next.wait =
        backoff_exponential(next.state.failures, interval, std::max<milliseconds>(std::chrono::hours(1), interval)) + jitter;
  }
  if (retry_after) next.wait = std::max(next.wait, *retry_after);
  return next;
}

milliseconds wait_for_lease(milliseconds wait, std::optional<milliseconds> lease_left) {
  constexpr milliseconds kLeast{1000};
  if (!lease_left || lease_left->count() <= 0) return wait;
  return std::min(wait, std::max(*lease_left * 6 / 10, kLeast));
}

milliseconds listen_pause(int failures, double random) {
  const auto whole = backoff_exponential(failures, std::chrono::seconds(2), std::chrono::hours(1));
  return whole / 2 + backoff_full_jitter(0, whole / 2, whole / 2, random);
}

}  // namespace dso
