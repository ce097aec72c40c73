// Talking to a running agent over its control socket.
#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace dso {

/// True if an agent answers on this socket.
bool agent_runs(const std::string& control_socket);
/// Asks it to poll its stores now; quietly does nothing when none runs.
void poke_agent(const std::string& control_socket);
/// Has it bring a container to the stores' present values now, and waits: what was done, for people.
Result<std::string> ask_for_rotation(const std::string& control_socket, const std::string& container, std::stop_token stop);
/// Has it go back to a container's last good values, and waits: what was done, for people.
Result<std::string> ask_for_rollback(const std::string& control_socket, const std::string& container, std::stop_token stop);
/// Has it read its config anew, and waits: what changed, for people. Errors: why all stays as it was.
Result<std::string> ask_for_reload(const std::string& control_socket, std::stop_token stop);
/// What it says of itself (agent_status.h).
Result<boost::json::object> ask_for_status(const std::string& control_socket, std::stop_token stop);

struct AgentLog {
  std::vector<std::string> lines;
  std::uint64_t next = 0;  ///< Where to go on.
};
/// The lines that it still has.
Result<AgentLog> agent_log(const std::string& control_socket, std::stop_token stop);
/// Its log lines from line `next` (nothing: from now) on, in pieces as they come, until `stop` or its end.
Result<void> follow_agent_log(const std::string& control_socket, std::optional<std::uint64_t> next,
                              const std::function<void(std::string_view)>& on_text, std::stop_token stop);

}  // namespace dso
