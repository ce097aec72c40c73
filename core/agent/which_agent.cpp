// Looks at the sockets; asks the user's own agent for a sign of life.
#include "agent/which_agent.h"

#include <unistd.h>

#include "agent/control_client.h"

namespace dso {

std::string agent_socket(const Paths& paths) {
  std::string own = paths.control_socket();
  if (paths.host_socket.empty() || agent_runs(own) || access(paths.host_socket.c_str(), W_OK) != 0) return own;
  return paths.host_socket;
}

std::string vain_socket(const Paths& paths) {
  std::string text = agent_socket(paths);
  const bool is_there = !paths.host_socket.empty() && access(paths.host_socket.c_str(), F_OK) == 0;
  if (!is_there || access(paths.host_socket.c_str(), W_OK) == 0) return text;
  return text + ", and the host's at " + paths.host_socket + " is for root and members of the group dso";
}

}  // namespace dso
