// HTTP over the unix socket, with short deadlines: a CLI must not hang on an agent.
#include "agent/control_client.h"

#include <unistd.h>

#include <boost/json/parse.hpp>

#include "logic/json_text.h"
#include "net/http_client.h"

namespace dso {
namespace {

HttpRequest request_to(const std::string& socket, const std::string& method, const std::string& target) {
  HttpRequest r;
  r.method = method;
  r.url = "unix://" + socket + ":" + target;
  return r;
}

boost::json::object object_in(const HttpResponse& answer) {
  boost::system::error_code ec;
  boost::json::value root = boost::json::parse({answer.body.data(), answer.body.size()}, ec);
  return ec || !root.is_object() ? boost::json::object() : std::move(root.as_object());
}

Error no_such_answer(const std::string& socket, const std::string& target, int status) {
  return make_error(ErrorClass::internal, "Failed to ask the agent at " + socket,
                    "it answers " + target + " with status " + std::to_string(status),
                    "Is it an older version? Restart it: systemctl restart dso-agent.");
}

/// What takes as long as a rotation does, and ends in one sentence or an error.
Result<std::string> ask_for(const std::string& socket, const std::string& target, std::stop_token stop) {
  HttpClient client(nullptr);
  DSO_TRY(const HttpResponse answer,
          client.send(request_to(socket, "POST", target), Deadline::in(std::chrono::minutes(10)), stop));
  const boost::json::object o = object_in(answer);
  const auto text = [&](const char* key) { return std::string(text_in(o, key)); };
  if (answer.status == 200) return text("message");
  if (text("what").empty()) return no_such_answer(socket, target, answer.status);
  const boost::json::value* cls = o.if_contains("class");
  return make_error(cls && cls->is_int64() ? static_cast<ErrorClass>(cls->as_int64()) : ErrorClass::internal, text("what"),
                    text("cause"), text("next"));
}

Result<boost::json::object> get_object(const std::string& socket, const std::string& target, std::stop_token stop) {
  HttpClient client(nullptr);
  DSO_TRY(const HttpResponse answer, client.send(request_to(socket, "GET", target), Deadline::in(std::chrono::seconds(5)), stop));
  if (answer.status != 200) return no_such_answer(socket, target, answer.status);
  return object_in(answer);
}

}  // namespace

bool agent_runs(const std::string& control_socket) {
  if (access(control_socket.c_str(), F_OK) != 0) return false;
  HttpClient client(nullptr);
  auto answer = client.send(request_to(control_socket, "GET", "/v1/ping"), Deadline::in(std::chrono::seconds(2)));
  return answer.has_value() && answer->status == 200;
}

void poke_agent(const std::string& control_socket) {
  if (access(control_socket.c_str(), W_OK) != 0) return;
  HttpClient client(nullptr);
  (void)client.send(request_to(control_socket, "POST", "/v1/poll"), Deadline::in(std::chrono::seconds(1)));
}

Result<std::string> ask_for_rotation(const std::string& control_socket, const std::string& container, std::stop_token stop) {
  return ask_for(control_socket, "/v1/rotate/" + container, stop);
}

Result<std::string> ask_for_rollback(const std::string& control_socket, const std::string& container, std::stop_token stop) {
  return ask_for(control_socket, "/v1/rollback/" + container, stop);
}

Result<std::string> ask_for_reload(const std::string& control_socket, std::stop_token stop) {
  return ask_for(control_socket, "/v1/reload", stop);
}

Result<boost::json::object> ask_for_status(const std::string& control_socket, std::stop_token stop) {
  return get_object(control_socket, "/v1/status", stop);
}

Result<AgentLog> agent_log(const std::string& control_socket, std::stop_token stop) {
  DSO_TRY(const boost::json::object o, get_object(control_socket, "/v1/log", stop));
  AgentLog out;
  boost::system::error_code ec;
  if (const auto* next = o.if_contains("next")) out.next = next->to_number<std::uint64_t>(ec);
  const auto* lines = o.if_contains("lines");
  if (const auto* list = lines ? lines->if_array() : nullptr)
    for (const boost::json::value& line : *list)
      if (line.is_string()) out.lines.emplace_back(line.as_string());
  return out;
}

Result<void> follow_agent_log(const std::string& control_socket, std::optional<std::uint64_t> next,
                              const std::function<void(std::string_view)>& on_text, std::stop_token stop) {
  HttpClient client(nullptr);
  DSO_TRY(int status, client.stream(
                          request_to(control_socket, "GET", "/v1/logs" + (next ? "?after=" + std::to_string(*next) : "")),
                          [&](int, std::string_view piece) {
                            on_text(piece);
                            return true;
                          },
                          stop));
  (void)status;
  return {};
}

}  // namespace dso
