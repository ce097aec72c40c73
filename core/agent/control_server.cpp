// The routes of the control socket.
#include "agent/control_server.h"

#include <grp.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "base/log.h"

namespace dso {
namespace {

ServerResponse json(int status, const boost::json::value& value) {
  ServerResponse r;
  r.status = status;
  append(r.body, boost::json::serialize(value));
  return r;
}

/// Log lines as they are written, until the client leaves or the server stops. A client that does not read loses lines, never
/// holds up the agent.
void stream_log(std::stop_token stop, const std::function<bool(std::string_view)>& write) {
  constexpr std::size_t kMaxHeld = 1000;
  std::mutex mutex;
  std::condition_variable_any arrived;
  std::deque<std::string> lines;
  const int id = log::follow([&](const std::string& line) {
    std::lock_guard lock(mutex);
    if (lines.size() < kMaxHeld) lines.push_back(line + "\n");
    arrived.notify_one();
  });
  bool there = write("");
  while (there && !stop.stop_requested()) {
    std::string line;
    {
      std::unique_lock lock(mutex);
      // An empty write now and then finds out whether the client is still there.
      if (arrived.wait_for(lock, stop, std::chrono::seconds(5), [&] { return !lines.empty(); })) {
        line = std::move(lines.front());
        lines.pop_front();
      }
    }
    there = write(line);
  }
  log::unfollow(id);
}

ServerResponse route(const ServerRequest& request, const ControlActions& actions) {
  if (auto answer = actions.for_container(request)) return std::move(*answer);
  if (request.method == "GET" && request.target == "/v1/ping") return json(200, {{"pid", getpid()}});
  if (request.method == "POST" && request.target == "/v1/poll") {
    actions.poll_now();
    return json(202, {{"polling", true}});
  }
  constexpr std::string_view kRollback = "/v1/rollback/";
  if (request.method == "POST" && request.target.starts_with(kRollback)) {
    auto done = actions.rollback(request.target.substr(kRollback.size()), request.stop);
    if (done.has_value()) return json(200, {{"message", *done}});
    const Error& e = done.error();
    return json(409, {{"class", static_cast<int>(e.cls)}, {"what", e.what}, {"cause", e.cause}, {"next", e.next}});
  }
  if (request.method == "GET" && request.target == "/v1/logs") {
    ServerResponse r;
    r.content_type = "text/plain; charset=utf-8";
    r.stream = [stop = request.stop](const std::function<bool(std::string_view)>& write) { stream_log(stop, write); };
    return r;
  }
  return json(404, {{"message", "there is no " + request.method + " " + request.target}});
}

}  // namespace

Result<std::unique_ptr<HttpServer>> start_control_server(const std::string& socket_path, ControlActions actions) {
  DSO_TRY(auto server, HttpServer::listen_unix(
                           socket_path, 0660,
                           [actions = std::move(actions)](const ServerRequest& request) { return route(request, actions); }, {}));
  if (geteuid() == 0)
    if (const group* dso = getgrnam("dso"))
      if (chown(socket_path.c_str(), 0, dso->gr_gid) != 0)
        log::warn("Agent", "The control socket could not be given to the group dso");
  return server;
}

}  // namespace dso
