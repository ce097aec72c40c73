// Of the agent: its sockets are asked, its unit and its log are read. Steers nothing.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "agent/agent_status.h"
#include "agent/control_client.h"
#include "agent/which_agent.h"
#include "docker/run_tool.h"
#include "doctor/topics.h"
#include "logic/doctor_agent.h"
#include "logic/json_text.h"
#include "net/http_client.h"

namespace dso {
namespace {

using State = SocketFacts::State;

/// Asks; any answer of HTTP counts, since what it says is not looked at here.
SocketFacts ask(std::string path, const char* method, const char* target, const Deadline& d, const std::stop_token& stop) {
  SocketFacts f{std::move(path), State::absent};
  struct stat st {};
  if (f.path.empty()) return f;
  if (stat(f.path.c_str(), &st) != 0) {
    if (errno == EACCES) f.state = State::denied;
    return f;
  }
  f.state = State::denied;
  if (access(f.path.c_str(), W_OK) != 0) return f;
  HttpRequest request;
  request.method = method;
  request.url = "unix://" + f.path + ":" + target;
  const auto answer = HttpClient(nullptr).send(request, d.capped(std::chrono::seconds(2)), stop);
  if (answer.has_value())
    f.state = State::answers;
  else
    f.state = connect_unix(f.path, d.capped(std::chrono::seconds(1)), stop).has_value() ? State::silent : State::dead;
  return f;
}

std::string real_path_or_same(const std::string& path) {
  char real[PATH_MAX];
  return realpath(path.c_str(), real) ? std::string(real) : path;
}

void ask_agent(const DoctorScene& scene, AgentFacts& f) {
  if (const auto log = agent_log(f.control.path, scene.stop); log.has_value()) f.log = log->lines;
  const auto& status = scene.agent.get();
  if (status.has_error()) return;
  f.version = text_in(*status, "version");
  std::string config(text_in(*status, "config"));
  const auto* pid = status->if_contains("pid");
  if (!config.empty() && config[0] != '/' && pid && pid->is_int64())  // it is relative to where the agent was started
    config = real_path_or_same("/proc/" + std::to_string(pid->as_int64()) + "/cwd") + "/" + config;
  f.config = config.starts_with("/proc/") ? config.substr(config.rfind('/') + 1)
             : config.empty()             ? config
                                          : real_path_or_same(config);
  if (const auto read = mark_in(*status); read && !read->file.empty()) {
    f.config = real_path_or_same(read->file);
    const ConfigMark now = mark_of(read->file);
    f.config_changed = now.inode != 0 && now != *read;
  }
}

void ask_engine(const DoctorScene& scene, AgentFacts& f, const Deadline& d) {
  if (const auto opted_in = scene.engine->list({{"label", {"dso.reloader=true"}}}, d, scene.stop); opted_in.has_value())
    f.opted_in = static_cast<long>(opted_in->size());
  const auto plugins = scene.engine->get("/plugins", "Failed to list the engine's plugins", d, scene.stop);
  if (plugins.has_error()) return;
  boost::system::error_code ec;
  const boost::json::value root = boost::json::parse({plugins->data(), plugins->size()}, ec);
  if (ec || !root.is_array()) return;
  for (const boost::json::value& one : root.as_array()) {
    const auto* o = one.if_object();
    const std::string name(o ? text_in(*o, "Name") : "");
    const auto slash = name.rfind('/');
    const std::string last = name.substr(slash == std::string::npos ? 0 : slash + 1);
    if (last != "dso" && !last.starts_with("dso:")) continue;
    const auto* enabled = o->if_contains("Enabled");
    f.managed.emplace_back(name, enabled && enabled->is_bool() && enabled->as_bool());
  }
}

std::optional<UnitFacts> unit(const std::string& name, const Deadline& d) {
  if (access("/run/systemd/system", F_OK) != 0) return std::nullopt;
  const std::string tool = find_tool("systemctl");
  if (tool.empty()) return std::nullopt;
  const auto shown = run_tool(tool, {"show", name, "--property=LoadState,ActiveState,SubState,Result,UnitFileState"}, {},
                              d.capped(std::chrono::seconds(3)));
  return shown.has_value() ? parse_unit(shown->out) : UnitFacts();
}

}  // namespace

DoctorRows agent_rows(const DoctorScene& scene, const Deadline& d) {
  AgentFacts f;
  f.our_version = scene.version;
  f.our_config = scene.config.config.file.empty() ? std::string() : real_path_or_same(scene.config.config.file);
  f.control = ask(agent_socket(scene.paths), "GET", "/v1/ping", d, scene.stop);
  // a user has none of his own, but the host's may be in the engine's way all the same
  f.plugin = ask(scene.paths.plugin_socket.empty() ? "/run/docker/plugins/dso.sock" : scene.paths.plugin_socket, "POST",
                 "/Plugin.Activate", d, scene.stop);
  f.read = ask(scene.paths.read_folder() + "/dso.sock", "GET", "/v1/ping", d, scene.stop);
  if (f.control.state == State::answers) ask_agent(scene, f);
  if (scene.engine) ask_engine(scene, f, d);
  f.unit = unit("dso-agent", d);
  f.dialer = unit("dso-dialer.socket", d);
  return agent_checks(f);
}

}  // namespace dso
