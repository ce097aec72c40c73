// When a secret is asked for again: the interval with jitter after a success; sooner after a passing fault, much later after
// a refusal (denied calls cost quota and can lock accounts). Pure: time and randomness are passed in.
#pragma once
#include <chrono>
#include <optional>

#include "base/error.h"

namespace dso {

struct PollState {
  int failures = 0;                      ///< In a row.
  std::optional<ErrorClass> last_error;  ///< Unset: the last poll worked, or there was none.
};

struct PollNext {
  PollState state;
  std::chrono::milliseconds wait{0};
  bool went_down = false;  ///< The first failure, or another class than before: worth a log line.
  bool came_back = false;  ///< Works again: worth a log line.
};

/// `error` unset: the poll worked. `retry_after`: the store's hint. `random` in [0, 1).
PollNext next_poll(PollState before, std::optional<ErrorClass> error, std::optional<std::chrono::milliseconds> retry_after,
                   std::chrono::milliseconds interval, double random);

/// The wait, shortened so that a lease with that much left is renewed or replaced in time: at six tenths of it there is time to
/// try again. One that is over hurries nobody.
std::chrono::milliseconds wait_for_lease(std::chrono::milliseconds wait, std::optional<std::chrono::milliseconds> lease_left);

/// After listening to a store's events ended: seconds at first, an hour at last. `failures` in a row, from 0.
std::chrono::milliseconds listen_pause(int failures, double random);

}  // namespace dso
