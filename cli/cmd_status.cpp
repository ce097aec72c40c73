// `dso status`: the agent, its stores, and every container that has a secret of DSO, in one look. Works without an agent; asks no
// store (`dso inspect` and `dso plan` do).
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <set>

#include "agent/agent_config.h"
#include "agent/control_client.h"
#include "agent/load_config.h"
#include "agent/which_agent.h"
#include "base/clock.h"
#include "base/pause.h"
#include "command.h"
#include "render.h"
#include "status_rows.h"

namespace dso::cli {
namespace {

constexpr std::chrono::seconds kBetweenTables{2};

struct Look {
  std::optional<boost::json::object> agent;
  std::optional<Error> engine;  ///< Why containers and services are not known.
  std::vector<ContainerStatus> containers;
  std::vector<ServiceStatus> services;
  std::vector<std::string> warnings;  ///< Of the agent's config.
};

std::vector<std::string> warnings_of(const Look& l, const ConfigMark& ours) {
  std::set<std::string> instances;
  for (const ContainerStatus& c : l.containers)
    for (const std::string& secret : c.secrets) instances.insert(secret.substr(0, secret.find('/')));
  return l.agent ? agent_config_warnings(*l.agent, ours, instances) : std::vector<std::string>();
}

Look look(const CommandContext& ctx, const LoadedConfig& loaded, const Engine& engine) {
  const Config& config = loaded.config;
  Look out;
  const std::string socket = agent_socket(ctx.paths);
  if (agent_runs(socket)) {
    auto agent = ask_for_status(socket, ctx.stop);
    if (agent.has_value()) out.agent = std::move(*agent);
  }
  const bool readable = socket == ctx.paths.control_socket();
  // The host's agent has its own beside its socket.
  const std::string secrets_dir =
      readable ? ctx.paths.run_paths().secrets_dir() : socket.substr(0, socket.rfind('/')) + "/secrets";
  auto containers = container_rows(config, readable ? &ctx.paths : nullptr, secrets_dir, engine,
                                   out.agent ? *out.agent : boost::json::object(), ctx.stop);
  auto services =
      containers.has_error() ? Result<std::vector<ServiceStatus>>(containers.error()) : service_rows(engine, ctx.stop);
  if (services.has_error()) {
    out.engine = services.error();
  } else {
    out.containers = std::move(*containers);
    out.services = std::move(*services);
  }
  out.warnings = warnings_of(out, loaded.mark);
  return out;
}

boost::json::value as_json(const Look& l) {
  boost::json::array containers, services;
  for (const ContainerStatus& c : l.containers)
    containers.push_back({{"container", c.name},
                          {"id", c.id},
                          {"scope", c.scope},
                          {"secrets", boost::json::array(c.secrets.begin(), c.secrets.end())},
                          {"strategy", c.strategy},
                          {"delivered_at_ms", c.delivered_at_ms},
                          {"last_rotation", c.last_rotation},
                          {"state", c.state}});
  for (const ServiceStatus& s : l.services)
    services.push_back({{"service", s.name},
                        {"secrets", boost::json::array(s.secrets.begin(), s.secrets.end())},
                        {"tasks", s.tasks},
                        {"reloader", s.opted_in},
                        {"update", s.update}});
  return {{"agent", l.agent ? boost::json::value(*l.agent) : boost::json::value(nullptr)},
          {"warnings", boost::json::array(l.warnings.begin(), l.warnings.end())},
          {"containers", std::move(containers)},
          {"services", std::move(services)}};
}

std::string list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

std::string agent_text(const Look& l, const std::string& socket) {
  if (!l.agent) return "Agent: none answers at " + socket + "; every container keeps what it has. Start it: dso agent";
  const boost::json::object& a = *l.agent;
  const std::string file(a.at("config").as_string());
  std::string out = "Agent: pid " + std::to_string(a.at("pid").as_int64()) + ", started " +
                    ago(unix_ms() - a.at("started_at_ms").as_int64()) + ", config " +
                    (file.empty() ? std::string("built-in defaults (local store)") : file) +
                    (a.at("swarm_leader").as_bool() ? ", leads the Swarm" : "");
  for (const std::string& warning : l.warnings) out += "\nWarning: " + warning;
  std::vector<std::vector<std::string>> rows;
  for (const boost::json::value& p : a.at("providers").as_array()) {
    const std::int64_t last = p.at("last_answer_ms").as_int64();
    const std::int64_t refused = p.at("refused").as_int64();
    rows.push_back({std::string(p.at("name").as_string()), std::string(p.at("type").as_string()),
                    p.at("up").is_null()    ? "not asked yet"
                    : !p.at("up").as_bool() ? "down: last good values are kept"
                    : refused > 0           ? "answers, refuses " + std::to_string(refused)
                                            : "answers",
                    std::to_string(p.at("secrets").as_int64()), last == 0 ? "-" : ago(unix_ms() - last)});
  }
  return out + "\n\n" + table({"PROVIDER", "TYPE", "STATE", "SECRETS", "LAST ANSWER"}, rows);
}

std::string as_text(const Look& l, const std::string& socket) {
  std::string out = agent_text(l, socket);
  if (l.engine) return out;
  std::vector<std::vector<std::string>> rows;
  for (const ContainerStatus& c : l.containers)
    rows.push_back({c.name, list(c.secrets), c.strategy, c.delivered_at_ms == 0 ? "-" : ago(unix_ms() - c.delivered_at_ms),
                    c.last_rotation.empty() ? "-" : c.last_rotation, c.state});
  out += rows.empty() ? "\n\nNo container has a secret of DSO"
                      : "\n\n" + table({"CONTAINER", "SECRETS", "STRATEGY", "DELIVERED", "LAST ROTATION", "STATE"}, rows);
  rows.clear();
  for (const ServiceStatus& s : l.services)
    rows.push_back(
        {s.name, list(s.secrets), std::to_string(s.tasks), s.opted_in ? "yes" : "no", s.update.empty() ? "-" : s.update});
  if (!rows.empty()) out += "\n\n" + table({"SERVICE", "SECRETS", "TASKS", "OPTED IN", "LAST UPDATE"}, rows);
  return out;
}

}  // namespace

CommandResult cmd_status(CommandContext& ctx) {
  DSO_TRY(const LoadedConfig loaded, load_config(ctx.globals.config_path));
  DSO_TRY(const Engine engine, Engine::from_environment());
  const bool clear = ctx.has("watch") && isatty(STDOUT_FILENO) == 1 && !ctx.globals.json();
  while (true) {
    const Look now = look(ctx, loaded, engine);
    const std::string text = ctx.globals.json() ? boost::json::serialize(as_json(now)) : as_text(now, vain_socket(ctx.paths));
    if (!print((clear ? "\033[H\033[2J" : "") + text)) return 0;
    if (now.engine && !ctx.has("watch")) return *now.engine;
    if (now.engine) show_error(ctx.globals, *now.engine);
    if (!ctx.has("watch")) return 0;
    pause_for(kBetweenTables, ctx.stop);
    if (ctx.stop.stop_requested()) return 130;
    if (!clear && !ctx.globals.json()) print("");
  }
}

}  // namespace dso::cli
