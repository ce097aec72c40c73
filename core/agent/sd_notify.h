// Tells systemd that the agent is ready, alive, stopping (sd_notify's datagram on $NOTIFY_SOCKET). Nothing without systemd.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace dso {

/// "READY=1", "STOPPING=1", "WATCHDOG=1".
void sd_notify(std::string_view state);
/// Half of what $WATCHDOG_USEC asks for.
std::optional<std::chrono::milliseconds> watchdog_interval();

}  // namespace dso
