// A socket that systemd listens on for us (sd_listen_fds(3), dso-plugin.socket): it stays while the agent is gone, so that the
// engine, which would ask a dead one for 15 s, waits for the next agent instead.
#pragma once
#include <string>

#include "base/unique_fd.h"

namespace dso {

/// The one that lies at `path`; none: whoever serves there makes it. Closed on exec, as all that were passed are; the others are
/// closed at once. Once, at the start, while no other thread reads the environment: takes LISTEN_PID, LISTEN_FDS and
/// LISTEN_FDNAMES out of the environment.
UniqueFd lent_socket(const std::string& path);

}  // namespace dso
