// `dso agent` and `dso watch`: the daemon, the same in the foreground, or the running daemon's log.
#include <malloc.h>

#include "agent/agent.h"
#include "agent/control_client.h"
#include "agent/lent_socket.h"
#include "agent/which_agent.h"
#include "base/log.h"
#include "build_info.h"
#include "command.h"
#include "logic/parse_config.h"
#include "logic/plugin_protocol.h"
#include "net/refuse_waiting.h"
#include "render.h"

namespace dso::cli {
namespace {

log::Level level_of(const std::string& name) {
  if (name == "debug") return log::Level::debug;
  if (name == "warn") return log::Level::warn;
  if (name == "error") return log::Level::error;
  return log::Level::info;
}

Result<LoadedConfig> load_and_set_up_log(const CommandContext& ctx) {
  DSO_TRY(LoadedConfig loaded, load_config(ctx.globals.config_path));
  log::configure(level_of(loaded.config.log_level),
                 loaded.config.log_format == "json" || ctx.globals.json() ? log::Format::json : log::Format::text,
                 ctx.globals.color);
  for (const Diagnostic& d : loaded.diagnostics) log::warn("Config", render(d));
  return loaded;
}

Result<void> run_daemon(const CommandContext& ctx, int plugin_socket) {
  DSO_TRY(LoadedConfig loaded, load_and_set_up_log(ctx));
  AgentOptions options;
  options.version = std::string(kVersion) + " (" + kBuildHash + ")";
  options.plugin_socket = plugin_socket;
  options.reloads = ctx.reloads;
  options.load = [&ctx] { return load_and_set_up_log(ctx); };
  return run_agent(loaded, ctx.paths, options, ctx.stop);
}

/// An agent that cannot start is started again and again. The engine, which waits at the socket that systemd holds, would wait a
/// minute for each name that it does not know.
void tell_the_engine(const UniqueFd& plugin_socket, const Error& why) {
  if (plugin_socket) refuse_waiting(plugin_socket.get(), plugin_error_answer(why), Deadline::in(std::chrono::seconds(5)));
}

CommandResult reload(CommandContext& ctx) {
  const std::string socket = agent_socket(ctx.paths);
  if (!agent_runs(socket))
    return make_error(ErrorClass::unavailable, "Cannot have the agent read its config anew",
                      "no agent answers at " + vain_socket(ctx.paths), "Start it: it reads the config then.");
  DSO_TRY(const std::string told, ask_for_reload(socket, ctx.stop));
  print(told);
  return 0;
}

}  // namespace

CommandResult cmd_agent(CommandContext& ctx) {
  if (ctx.has("reload")) return reload(ctx);
  mallopt(M_ARENA_MAX, 1);  // a heap per thread would double the idle agent's memory; nothing here contends for one
  const UniqueFd plugin_socket = lent_socket(ctx.paths.plugin_socket);
  const Result<void> ran = run_daemon(ctx, plugin_socket.get());
  if (ran.has_value()) return 0;
  tell_the_engine(plugin_socket, ran.error());
  return ran.error();
}

CommandResult cmd_watch(CommandContext& ctx) {
  const std::string socket = agent_socket(ctx.paths);
  if (agent_runs(socket)) {
    note(ctx.globals, "Following the running agent (" + socket + "); Ctrl-C ends this, not the agent");
    auto followed = follow_agent_log(
        socket, {}, [](std::string_view text) { print(text); }, ctx.stop);
    if (followed.has_error() && !ctx.stop.stop_requested()) return followed.error();
    return ctx.stop.stop_requested() ? 130 : 0;
  }
  DSO_TRY(LoadedConfig loaded, load_and_set_up_log(ctx));
  AgentOptions options;
  options.daemon = false;
  DSO_CHECK(run_agent(loaded, ctx.paths, options, ctx.stop));
  return 130;
}

}  // namespace dso::cli
