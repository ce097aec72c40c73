// How many clients a container still serves: established connections that came in, read from its network namespace. Reads only.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"
#include "model/container.h"

namespace dso {

/// Pure: the rows of /proc/PID/net/tcp and tcp6 (`listening` of both decides which local ports are the service's).
int count_inbound(std::string_view tcp, std::string_view tcp6);
/// Now; 0 where the container does not run or has no network namespace of its own.
Result<int> inbound_connections(const Container& container);
/// Returns once there are none, or when the deadline passes (false), or at a stop (Interrupted).
Result<bool> wait_drained(const Container& container, const Deadline& d, std::stop_token s);

}  // namespace dso
