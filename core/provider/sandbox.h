// What a provider's process gives up before it loads the library, so that the library's constructors already run without it.
// Runs in the child, single-threaded, once.
#pragma once
#include <string>

namespace dso {

/// Not dumpable, no new privileges, dies with the agent, bounded memory, descriptors and (as a user of its own) threads, behind
/// all others that want a processor, no core file, an empty environment, every descriptor closed but the two and the standard
/// streams (on /dev/null since spawner.h), the folder of those the current one; no capability, none in the bounding set; as root,
/// a user id of its own, which no other process of the host has; Landlock: nothing to open but the library and the system's;
/// seccomp: no socket, no fork, no exec, no ptrace. `network`: sockets, and the files that name resolution and TLS read. False:
/// the process must not load anything.
bool enter_sandbox(int so_fd, int socket_fd, bool network);

/// What of it this kernel cannot do, as a sentence for the log; "" where it can do everything.
std::string sandbox_gap();

}  // namespace dso
