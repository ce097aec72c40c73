// The one place that blocks on a descriptor: poll(2) until it is ready, the deadline passes or a stop is requested.
#pragma once
#include <stop_token>
#include <string>

#include "base/deadline.h"
#include "base/result.h"

namespace dso {

/// `events` as poll takes them. A hang-up or error of `fd` counts as ready: the next read or write tells what it is.
/// Errors: Timeout and Interrupted, both with `what`.
Result<void> wait_ready(int fd, short events, const Deadline& d, const std::stop_token& s, const std::string& what);

/// Only waits: until `pause` has passed, or one of the two errors above.
Result<void> wait_pause(std::chrono::milliseconds pause, const Deadline& d, const std::stop_token& s, const std::string& what);

/// Timeout or Interrupted if it is already so.
Result<void> check_time(const Deadline& d, const std::stop_token& s, const std::string& what);

}  // namespace dso
