// Which agent a command of this user steers, where the host's and one of their own may run.
#pragma once
#include <string>

#include "agent/paths.h"

namespace dso {

/// Its control socket: that of the user's own agent; where none answers and no DSO_RUN_DIR was named, the host's, if they may use
/// it (group dso).
std::string agent_socket(const Paths& paths);
/// Where none answers, for a text: that socket, and why it is not the host's.
std::string vain_socket(const Paths& paths);

}  // namespace dso
