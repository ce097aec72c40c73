// `dso down`: `docker compose down`, then the secrets of the containers that are gone are wiped.
#include <sys/stat.h>

#include <chrono>
#include <set>

#include "agent/gc_scopes.h"
#include "agent/run_dir_engine.h"
#include "base/clock.h"
#include "command.h"
#include "compose_call.h"
#include "deadlines.h"
#include "docker_engine.h"
#include "docker_process.h"
#include "render.h"

namespace dso::cli {
namespace {

bool has_scopes(const Paths& paths) {
  struct stat st {};
  return stat(paths.run_paths().secrets_dir().c_str(), &st) == 0;
}

Result<void> wipe(const CommandContext& context, const Engine& engine, const std::set<std::string>& before) {
  DSO_TRY(TmpfsStore store, TmpfsStore::open(context.paths.run_paths()));
  // Those of another engine's containers are none of ours.
  if (claim_run_dir(engine, store, Deadline::in(kEngineTime), context.stop).has_error()) return {};
  DSO_TRY(const auto removed, gc_scopes(engine, store, before, unix_ms(), Deadline::in(kEngineTime), context.stop));
  if (!removed.empty())
    note(context.globals,
         "dso: wiped the secrets of " + std::to_string(removed.size()) + (removed.size() == 1 ? " scope" : " scopes"));
  return {};
}

}  // namespace

CommandResult cmd_down(CommandContext& context) {
  DSO_TRY(ComposeArgs args, parse_compose_args(context.arguments, ComposeCommand::down));
  if (args.help)
    return exec_docker({.arguments = {"compose", "down", "--help"}, .stdin_fd = -1, .inherited = {}, .stdout_to_stderr = false});
  DSO_TRY(ComposeProject project, ComposeProject::open(std::move(args)));
  std::vector<std::string> words = {"down"};
  words.insert(words.end(), project.args().command.begin(), project.args().command.end());
  DSO_TRY(const DockerCall call, project.call(words));
  if (!has_scopes(context.paths)) return exec_docker(call);

  // What is in use before and not after is what went down: its secrets go at once, whatever their age.
  DSO_TRY(const Engine engine, engine_of_docker());
  auto before = scopes_in_use(engine, context.paths.run_paths().secrets_dir(), Deadline::in(kEngineTime), context.stop);
  DSO_TRY(const int code, run_docker(call));
  if (before.has_value()) {
    if (auto wiped = wipe(context, engine, *before); wiped.has_error()) {
      show_error(context.globals, wiped.error());
      return code != 0 ? code : exit_code(wiped.error().cls);
    }
  }
  return code;
}

}  // namespace dso::cli
