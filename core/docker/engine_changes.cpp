// The calls that make, change and remove containers. They are crash points, all of them by EngineConnection::call; what a call
// was asked for twice, because somebody died in between, must find done already, is no error where the engine lets us tell.
#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include "docker/engine.h"
#include "docker/engine_call.h"
#include "docker/engine_connection.h"

namespace dso {
namespace {

using engine_call::container_path;
using engine_call::named;
using engine_call::post;
using engine_call::usable_name;

constexpr int kConflict = 409;

Result<std::string> network_path(const std::string& network, const std::string& what) {
  if (!usable_name(network)) return make_error(ErrorClass::invalid_request, what, "'" + network + "' is no network's name");
  return "/networks/" + percent_encode(network);
}

/// False: stopped.
bool pause(std::chrono::milliseconds time, const std::stop_token& s) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any nobody;
  nobody.wait_for(lock, s, time, [] { return false; });
  return !s.stop_requested();
}

}  // namespace

Result<std::string> engine_call::container_path(const std::string& id, const std::string& what) {
  if (!usable_name(id)) return make_error(ErrorClass::invalid_request, what, "'" + id + "' is no container's name");
  return "/containers/" + percent_encode(id);
}

Result<void> Engine::stop(const std::string& id, std::chrono::seconds stop_timeout, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to stop container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_CHECK(connection_->call(post(path + "/stop?t=" + std::to_string(stop_timeout.count()), what), d, s));
  return {};
}

Result<void> Engine::rename(const std::string& id, const std::string& name, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to rename container '" + id + "' to '" + name + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_CHECK(connection_->call(post(path + "/rename?name=" + percent_encode(name), what), d, s));
  return {};
}

Result<void> Engine::remove(const std::string& id, bool force, const Deadline& d, std::stop_token s) const {
  return remove_by(id, force ? "?force=1" : "?force=0", d, std::move(s));
}

Result<void> Engine::discard(const std::string& id, const Deadline& d, std::stop_token s) const {
  return remove_by(id, "?force=1&v=1", d, std::move(s));
}

Result<void> Engine::remove_by(const std::string& id, const char* query, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to remove container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  auto answer = connection_->call({"DELETE", path + query, what}, d, s);
  if (answer.has_value() || answer.error().cls == ErrorClass::not_found) return {};
  const Error& e = answer.error();
  if (e.store_code == std::to_string(kConflict) && e.cause.find("already in progress") != std::string::npos) return {};
  return e;
}

Result<int> Engine::wait_exit(const std::string& id, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to wait for the end of container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_TRY(const HttpResponse answer, connection_->call(post(path + "/wait?condition=not-running", what), d, s));
  return named(what, parse_wait_exit(view(answer.body)));
}

Result<bool> Engine::wait_removed(const std::string& id, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to wait for the removal of container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  auto answer = connection_->call(post(path + "/wait?condition=removed", what), d, s);
  if (answer.has_value() || answer.error().cls == ErrorClass::not_found) return true;
  if (d.passed()) return false;
  return answer.error();
}

Result<SecretBuffer> Engine::inspect_text(const std::string& id_or_name, const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to inspect container '" + id_or_name + "'";
  DSO_TRY(const std::string path, container_path(id_or_name, what));
  DSO_TRY(HttpResponse answer, connection_->call({"GET", path + "/json", what}, d, s));
  return std::move(answer.body);
}

Result<std::string> Engine::create(const std::string& name, const SecretBuffer& body, const Deadline& d, std::stop_token s,
                                   const std::string& platform) const {
  const std::string what = "Failed to create container '" + name + "'";
  DSO_TRY(const HttpResponse answer, connection_->call(post("/containers/create?name=" + percent_encode(name) +
                                                                (platform.empty() ? "" : "&platform=" + percent_encode(platform)),
                                                            what, view(body)),
                                                       d, s));
  return named(what, parse_created_id(view(answer.body)));
}

Result<void> Engine::connect_network(const std::string& network, const std::string& id, std::string_view endpoint,
                                     const Deadline& d, std::stop_token s) const {
  const std::string what = "Failed to connect container '" + id + "' to network '" + network + "'";
  DSO_TRY(const std::string path, network_path(network, what));
  const std::string body = connect_json(id, endpoint);
  DSO_CHECK(connection_->call(post(path + "/connect", what, body), d, s));
  return {};
}

Result<void> Engine::disconnect_network(const std::string& network, const std::string& id, const Deadline& d,
                                        std::stop_token s) const {
  const std::string what = "Failed to disconnect container '" + id + "' from network '" + network + "'";
  DSO_TRY(const std::string path, network_path(network, what));
  DSO_CHECK(connection_->call(post(path + "/disconnect", what, connect_json(id, {})), d, s));
  return {};
}

Result<int> Engine::exec(const std::string& id, const std::vector<std::string>& command, const Deadline& d,
                         std::stop_token s) const {
  const std::string what = "Failed to run a command in container '" + id + "'";
  DSO_TRY(const std::string path, container_path(id, what));
  DSO_TRY(const HttpResponse made, connection_->call(post(path + "/exec", what, exec_json(command)), d, s));
  DSO_TRY(const std::string exec_id, named(what, parse_created_id(view(made.body))));
  const std::string exec_path = "/exec/" + percent_encode(exec_id);
  const Error late = make_error(ErrorClass::timeout, what, "it did not end in time");
  // The answer is the command's output, until it ends.
  auto ran = connection_->call(post(exec_path + "/start", what, R"({"Detach":false,"Tty":false})"), d, s);
  if (ran.has_error()) return d.passed() ? late : ran.error();
  constexpr std::chrono::milliseconds kFirst{1}, kLongest{200};
  for (auto wait = kFirst;; wait = std::min(wait * 2, kLongest)) {  // its output can end before it does
    const auto answer = connection_->call({"GET", exec_path + "/json", what}, d, s);
    if (answer.has_error()) return d.passed() ? late : answer.error();
    DSO_TRY(const std::optional<int> code, named(what, parse_exec_exit(view(answer->body))));
    if (code) return *code;
    if (d.passed()) return late;
    if (!pause(std::min(wait, d.left()), s)) return make_error(ErrorClass::interrupted, what, "stopped");
  }
}

Result<std::pair<int, int>> Engine::api_version(const Deadline& d, std::stop_token s) const {
  return connection_->agreed_api("Failed to ask the engine for its version", d, s);
}

}  // namespace dso
