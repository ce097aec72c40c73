// Talking to a running agent over its control socket.
#pragma once
#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace dso {

/// True if an agent answers on this socket.
bool agent_runs(const std::string& control_socket);
/// Asks it to poll its stores now; quietly does nothing when none runs.
void poke_agent(const std::string& control_socket);
/// Has it go back to a container's last good values, and waits: what was done, for people.
Result<std::string> ask_for_rollback(const std::string& control_socket, const std::string& container, std::stop_token stop);
/// Its log lines from now on, until `stop` or its end.
Result<void> follow_agent_log(const std::string& control_socket, const std::function<void(std::string_view)>& on_text,
                              std::stop_token stop);

}  // namespace dso
