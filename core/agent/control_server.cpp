// The routes of the control socket.
#include "agent/control_server.h"

#include <grp.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/log.h"

namespace dso {
namespace {

ServerResponse json(int status, const boost::json::value& value) {
  ServerResponse r;
  r.status = status;
  append(r.body, boost::json::serialize(value));
  return r;
}

/// Log lines from number `next` on, until the client leaves or the server stops. A client that does not read loses lines, never
/// holds up the agent.
void stream_log(LogRing& log, std::uint64_t next, std::stop_token stop, const std::function<bool(std::string_view)>& write) {
  bool there = write("");
  while (there && !stop.stop_requested()) {
    // An empty write now and then finds out whether the client is still there.
    const auto line = log.wait(next, std::chrono::seconds(5), stop);
    if (line) next = line->number + 1;
    there = write(line ? line->text + "\n" : std::string());
  }
}

ServerResponse held_log(const LogRing& log) {
  boost::json::array lines;
  std::uint64_t next = log.next();
  for (const LogRing::Line& line : log.held()) {
    lines.emplace_back(line.text);
    next = line.number + 1;
  }
  return json(200, {{"next", next}, {"lines", std::move(lines)}});
}

/// "/v1/logs" from now on, "/v1/logs?after=N" from that line.
ServerResponse followed_log(LogRing& log, const ServerRequest& request) {
  std::uint64_t next = log.next();
  constexpr std::string_view kAfter = "?after=";
  if (const auto at = request.target.find(kAfter); at != std::string::npos) {
    const char* const text = request.target.data() + at + kAfter.size();
    std::from_chars(text, request.target.data() + request.target.size(), next);
  }
  ServerResponse r;
  r.content_type = "text/plain; charset=utf-8";
  r.stream = [&log, next, stop = request.stop](const std::function<bool(std::string_view)>& write) {
    stream_log(log, next, stop, write);
  };
  return r;
}

ServerResponse outcome(const Result<std::string>& done) {
  if (done.has_value()) return json(200, {{"message", *done}});
  const Error& e = done.error();
  return json(409, {{"class", static_cast<int>(e.cls)}, {"what", e.what}, {"cause", e.cause}, {"next", e.next}});
}

ServerResponse route(const ServerRequest& request, const ControlActions& actions) {
  if (auto answer = actions.for_container(request)) return std::move(*answer);
  if (request.method == "GET" && request.target == "/v1/ping") return json(200, {{"pid", getpid()}});
  if (request.method == "POST" && request.target == "/v1/poll") {
    actions.poll_now();
    return json(202, {{"polling", true}});
  }
  const auto container_of = [&](std::string_view prefix) {
    const bool is = request.method == "POST" && request.target.starts_with(prefix);
    return is ? request.target.substr(prefix.size()) : std::string();
  };
  if (const std::string name = container_of("/v1/rollback/"); !name.empty()) return outcome(actions.rollback(name, request.stop));
  if (const std::string name = container_of("/v1/rotate/"); !name.empty()) return outcome(actions.rotate(name, request.stop));
  if (request.method == "POST" && request.target == "/v1/reload") return outcome(actions.reload(request.stop));
  if (request.method == "GET" && request.target == "/v1/status") return json(200, actions.status());
  if (request.method == "GET" && request.target == "/v1/log") return held_log(actions.log);
  if (request.method == "GET" && (request.target == "/v1/logs" || request.target.starts_with("/v1/logs?")))
    return followed_log(actions.log, request);
  return json(404, {{"message", "there is no " + request.method + " " + request.target}});
}

}  // namespace

Result<std::unique_ptr<HttpServer>> start_control_server(const std::string& socket_path, ControlActions actions,
                                                         const HttpServer::Limits& limits) {
  DSO_TRY(auto server,
          HttpServer::listen_unix(
              socket_path, 0660, [actions = std::move(actions)](const ServerRequest& request) { return route(request, actions); },
              limits));
  if (geteuid() == 0)
    if (const group* dso = getgrnam("dso"))
      if (chown(socket_path.c_str(), 0, dso->gr_gid) != 0)
        log::warn("Agent", "The control socket could not be given to the group dso");
  return server;
}

}  // namespace dso
