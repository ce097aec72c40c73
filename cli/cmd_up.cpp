// `dso up`: `docker compose up` with secrets. Reads what compose makes of the files, delivers, and adds an override behind them
// on stdin; the user's files and environment stay as they are.
#include <chrono>
#include <set>

#include "agent/agent_config.h"
#include "agent/gc_scopes.h"
#include "agent/load_config.h"
#include "base/clock.h"
#include "command.h"
#include "compose_call.h"
#include "compose_deliver.h"
#include "deadlines.h"
#include "render.h"

namespace dso::cli {
namespace {

std::vector<std::string> up_words(const ComposeArgs& args) {
  std::vector<std::string> words = {"up"};
  words.insert(words.end(), args.command.begin(), args.command.end());
  return words;
}

/// A variable that `environment:` and an env_file both know comes back when the one is reset: found by asking compose again.
Result<SecretBuffer> checked_override(ComposeProject& project, std::vector<ServiceOverride>& overrides) {
  SecretBuffer text = compose_override(overrides);
  DSO_TRY(const ComposeProject::Config seen, project.config(&text));
  if (seen.exit_code != 0) {
    Error e;
    e.cls = ErrorClass::internal;
    e.what = "Cannot add the secrets to the compose project";
    e.cause = "`docker compose config` refuses what DSO adds to it";
    e.next = "DSO needs Docker Compose 2.24 or newer: see `docker compose version`.";
    return e;
  }
  bool again = false;
  for (const ComposeService& service : seen.model.services)
    for (ServiceOverride& over : overrides) {
      if (over.name != service.name) continue;
      // whatever the env_file has for it, a reference or the value of old times
      for (const std::string& left : service.variables)
        if (std::erase(over.reset, left) > 0) {
          over.blank.push_back(left);
          again = true;
        }
    }
  return again ? compose_override(overrides) : std::move(text);
}

/// Scopes that this project's services had before, or that nothing came of.
std::set<std::string> project_scopes(const TmpfsStore& store, const std::string& project) {
  std::set<std::string> out;
  for (const Scope& scope : store.known_scopes())
    if (scope.service.starts_with(project + "/")) out.insert(scope.id);
  return out;
}

}  // namespace

CommandResult cmd_up(CommandContext& context) {
  DSO_TRY(ComposeArgs args, parse_compose_args(context.arguments, ComposeCommand::up));
  if (args.help)
    return exec_docker({.arguments = {"compose", "up", "--help"}, .stdin_fd = -1, .inherited = {}, .stdout_to_stderr = false});
  DSO_TRY(const LoadedConfig loaded, load_config(context.globals.config_path));
  DSO_TRY(ComposeProject project, ComposeProject::open(std::move(args)));
  DSO_TRY(const ComposeProject::Config config, project.config());
  if (config.exit_code != 0) return config.exit_code;
  DSO_TRY(auto plans, plan_services(loaded.config, config.model));
  if (plans.empty()) {
    note(context.globals, "dso: no service has a secret: neither dso:// nor dsofile:// nor a label nor the config names one");
    DSO_TRY(const DockerCall call, project.call(up_words(project.args())));
    return exec_docker(call);
  }
  DSO_TRY(const Engine engine, Engine::from_environment());
  DSO_TRY(TmpfsStore store, TmpfsStore::open(context.paths.run_paths()));
  std::set<std::string> instances;
  for (const ServicePlan& plan : plans)
    for (const DeliveryItem& item : plan.items) instances.insert(item.secret.instance);
  DSO_TRY(DeliveredProject delivered,
          deliver_project(context, project, config.model, loaded.config, std::move(plans), engine, store));
  if (delivered.exit_code != 0) return delivered.exit_code;

  for (const std::string& warning : agent_config_warnings(context.paths, loaded.mark, instances, context.stop))
    note(context.globals, "dso: warning: " + warning);

  const auto clean = [&] {
    delivered.holds.clear();
    std::set<std::string> mine = project_scopes(store, config.model.project);
    mine.insert(delivered.scope_ids.begin(), delivered.scope_ids.end());
    (void)gc_scopes(engine, store, mine, unix_ms(), Deadline::in(kEngineTime), {});
  };
  auto text = checked_override(project, delivered.overrides);
  if (text.has_error() || context.stop.stop_requested()) {
    clean();
    if (text.has_error()) return text.error();
    return 130;
  }
  DSO_TRY(DockerCall call, project.call(up_words(project.args()), &*text));
  for (const UniqueFd& hold : delivered.holds) call.inherited.push_back(hold.get());  // compose goes on when we are killed
  DSO_TRY(const int code, run_docker(call));
  clean();
  return code;
}

}  // namespace dso::cli
