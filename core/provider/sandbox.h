// What a provider's process gives up before it loads the library, so that the library's constructors already run without it.
// Runs in the child, single-threaded, once.
#pragma once

namespace dso {

/// Not dumpable, no new privileges, dies with the agent, bounded memory and descriptors, no core file, an empty environment,
/// every descriptor closed but the two and the standard streams (on /dev/null since spawner.h). False: the process must not load
/// anything.
///
/// Here, at the end, also belong the own uid, Landlock and the seccomp filter.
bool enter_sandbox(int so_fd, int socket_fd);

}  // namespace dso
