// How many clients a container still serves: established connections that came in, read from its network namespace. Reads only.
#pragma once
#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "model/container.h"

namespace dso {

/// Pure, of the rows of /proc/PID/net/tcp and tcp6: the local ports that are listened on.
std::set<std::uint16_t> listening_ports(std::string_view tcp, std::string_view tcp6);
/// The connections to `ports` from elsewhere (not from the container's own loopback: health checks) that are not over:
/// established or about to be, or half closed with an answer perhaps under way. Rows that are none are skipped.
int count_inbound(std::string_view tcp, std::string_view tcp6, const std::set<std::uint16_t>& ports);

/// Of the host's rows: the clients of `host_ports` that the kernel has let in, and that the engine's proxy has not yet brought on
/// to `container` (an IPv4 or IPv6 address and the ports behind): not accepted, or accepted and not connected. A process of the
/// host that speaks to the container without the proxy hides one.
struct ProxiedPorts {
  std::set<std::uint16_t> host_ports, container_ports;
  std::set<std::string> addresses;  ///< The container's.
};
ProxiedPorts proxied_ports(const Container& container);
int count_not_brought_on(std::string_view tcp, std::string_view tcp6, const ProxiedPorts& ports);
/// Returns once there are none on this host, or when the deadline passes, or at a stop.
void wait_brought_on(const ProxiedPorts& ports, const Deadline& d, const std::stop_token& s);

/// A running container's connections. Remembers the ports that were ever listened on while it looked: a service that drains
/// closes its listener first. Make it before the stop signal is sent.
class InboundConnections {
 public:
  /// Where the container does not run, or has no network namespace of its own, nothing is ever counted.
  explicit InboundConnections(const Container& container);
  /// Now.
  int count();
  /// Returns once there are none, or when the deadline passes (false), or at a stop (Interrupted).
  Result<bool> wait_drained(const Deadline& d, std::stop_token s);

 private:
  UniqueFd process_;  ///< /proc/PID, held: another process with that number is not read by mistake.
  std::set<std::uint16_t> ports_;
};

/// Both in one, for a container that still listens.
Result<bool> wait_drained(const Container& container, const Deadline& d, std::stop_token s);

}  // namespace dso
