// HTTP over the unix socket, with short deadlines: a CLI must not hang on an agent.
#include "agent/control_client.h"

#include <unistd.h>

#include <boost/json/parse.hpp>

#include "net/http_client.h"

namespace dso {
namespace {

HttpRequest request_to(const std::string& socket, const std::string& method, const std::string& target) {
  HttpRequest r;
  r.method = method;
  r.url = "unix://" + socket + ":" + target;
  return r;
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

Result<std::string> ask_for_rollback(const std::string& control_socket, const std::string& container, std::stop_token stop) {
  HttpClient client(nullptr);
  DSO_TRY(const HttpResponse answer, client.send(request_to(control_socket, "POST", "/v1/rollback/" + container),
                                                 Deadline::in(std::chrono::minutes(10)), stop));
  boost::system::error_code ec;
  const boost::json::value root = boost::json::parse({answer.body.data(), answer.body.size()}, ec);
  const boost::json::object* const o = ec ? nullptr : root.if_object();
  const auto text = [&](const char* key) {
    const boost::json::value* v = o ? o->if_contains(key) : nullptr;
    return v && v->is_string() ? std::string(v->as_string()) : std::string();
  };
  if (answer.status == 200) return text("message");
  const boost::json::value* cls = o ? o->if_contains("class") : nullptr;
  return make_error(cls && cls->is_int64() ? static_cast<ErrorClass>(cls->as_int64()) : ErrorClass::internal, text("what"),
                    text("cause"), text("next"));
}

Result<void> follow_agent_log(const std::string& control_socket, const std::function<void(std::string_view)>& on_text,
                              std::stop_token stop) {
  HttpClient client(nullptr);
  DSO_TRY(int status, client.stream(
                          request_to(control_socket, "GET", "/v1/logs"),
                          [&](int, std::string_view piece) {
                            on_text(piece);
                            return true;
                          },
                          stop));
  (void)status;
  return {};
}

}  // namespace dso
