// The agent's control socket (<run_dir>/dso.sock): ping, poll now, roll back, follow the log. It steers for processes of the host
// alone; a container that mounts it reads its own secrets and does nothing else.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/http_server.h"

namespace dso {

struct ControlActions {
  std::function<void()> poll_now;
  std::function<Result<std::string>(const std::string& container, std::stop_token)> rollback;
  /// The answer for a peer in a container; nothing for one of the host.
  std::function<std::optional<ServerResponse>(const ServerRequest&)> for_container;
};

/// 0660, owned by the group "dso" where it exists.
Result<std::unique_ptr<HttpServer>> start_control_server(const std::string& socket_path, ControlActions actions);

}  // namespace dso
