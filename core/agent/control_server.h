// The agent's control socket (<run_dir>/dso.sock): ping, status, poll now, rotate, roll back, the log. It steers for processes of
// the host alone; a container that mounts it reads its own secrets and does nothing else.
#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/log_ring.h"
#include "base/result.h"
#include "net/http_server.h"

namespace dso {

struct ControlActions {
  std::function<void()> poll_now;
  std::function<Result<std::string>(const std::string&container, std::stop_token)> rotate, rollback;
  std::function<Result<std::string>(std::stop_token)> reload;  ///< Reads the config anew: what changed, for people.
  std::function<boost::json::object()> status;
  LogRing& log;  ///< Outlives the server.
  /// The answer for a peer in a container; nothing for one of the host.
  std::function<std::optional<ServerResponse>(const ServerRequest&)> for_container;
};

inline constexpr int kControlConnections = 64;

/// 0660, owned by the group "dso" where it exists. `limits`: the agent's are fair_limits.h's.
Result<std::unique_ptr<HttpServer>> start_control_server(const std::string& socket_path, ControlActions actions,
                                                         const HttpServer::Limits& limits = {});

}  // namespace dso
