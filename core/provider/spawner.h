// Starts provider processes, all from one thread that never ends: the kernel's "die with your parent" means the thread that
// started the child, and ours come and go. posix_spawn runs nothing of ours between fork and exec.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace dso {

struct SpawnRequest {
  std::string exe;  ///< Run as `dso provider-host SO_FD SOCKET_FD`.
  int so_fd = -1;   ///< Borrowed; both may be close-on-exec.
  int socket_fd = -1;
  bool network = false;  ///< `… network` at the end: the provider brings its own network stack.
  bool locked = false;   ///< `… locked` at the end: secret memory that cannot be locked is refused there as it is here.
};
/// Any thread. The child has an empty environment, its own session, no blocked signals. The caller must reap it.
Result<pid_t> spawn_provider_host(const SpawnRequest& request);

}  // namespace dso
