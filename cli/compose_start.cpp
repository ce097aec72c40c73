// Reads what compose makes of the files, delivers, and adds an override behind them: on stdin, or where the command needs that
// for itself as a file in memory. The user's files and environment stay as they are.
#include "compose_start.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "agent/agent_config.h"
#include "agent/gc_scopes.h"
#include "agent/load_config.h"
#include "agent/look_before_replacing.h"
#include "agent/run_dir_engine.h"
#include "base/clock.h"
#include "compose_call.h"
#include "compose_deliver.h"
#include "deadlines.h"
#include "delivery/env_shim.h"
#include "docker_engine.h"
#include "logic/mounted_scopes.h"
#include "render.h"

namespace dso::cli {
namespace {

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

/// A one-off container is one person's: as the user it was asked for, and not the agent's to replace.
void make_one_off(std::vector<ComposeService>& services, const ComposeArgs& args) {
  for (ComposeService& s : services)
    if (s.name == args.services.front()) {
      if (!args.user.empty()) s.user = args.user;
      s.labels[label::kReloader] = "false";
    }
}

/// What of this project cannot be updated as it was asked to, or not without a pause, said now rather than at the first change.
void tell_strategies(const CommandContext& context, const Config& config, const Engine& engine, const TmpfsStore& store,
                     const std::string& project) {
  const Deadline deadline = Deadline::in(kEngineTime);
  const auto listed =
      engine.list({{"label", {std::string(label::kReloader) + "=true", std::string(label::kComposeProject) + "=" + project}}},
                  deadline, context.stop);
  if (listed.has_error()) return;
  ContainerTies ties(engine, ContainerTies::Asks::once);
  for (const Container& summary : *listed) {
    auto c = engine.inspect(summary.id, deadline, context.stop);
    if (c.has_error() || !c->opted_in() || !has_process(*c)) continue;
    const auto state = store.read(mounted_scope(*c, store.paths().secrets_dir()));
    if (state.has_error()) continue;
    std::vector<SecretKey> all;
    for (const DeliveredSecret& d : state->delivered) all.push_back(d.secret);
    const StrategyChoice choice = choose_after_look(ties, config, state->scope, all, *c, context.stop);
    const std::string how = "'" + c->name + "' has the strategy " + strategy_text(choice) + " (" + choice.reason + ")";
    if (!choice.refusal.empty())
      note(context.globals, "dso: warning: " + how + ", which is impossible: " + choice.refusal);
    else if (choice.type == Strategy::restart && choice.by_auto)
      note(context.globals, "dso: " + how);
  }
}

std::vector<std::string> words_of(const std::string& verb, const ComposeArgs& args) {
  std::vector<std::string> words = {verb};
  words.insert(words.end(), args.command.begin(), args.command.end());
  return words;
}

}  // namespace

CommandResult start_with_secrets(CommandContext& context, ComposeArgs args, const std::string& verb) {
  const bool one_off = verb == "run";
  DSO_TRY(const LoadedConfig loaded, load_config(context.globals.config_path));
  DSO_TRY(ComposeProject project, ComposeProject::open(args));
  DSO_TRY(ComposeProject::Config config, project.config());
  if (config.exit_code != 0) return config.exit_code;
  if (one_off) make_one_off(config.model.services, args);
  for (const ComposeService& s : config.model.services) note_slips(context.globals, "service '" + s.name + "': ", s.labels);
  std::erase_if(config.model.services, [&](const ComposeService& s) { return !is_started(args, s.name); });
  DSO_TRY(auto plans, plan_services(loaded.config, config.model));
  if (plans.empty()) {
    note(context.globals, "dso: no service has a secret: neither dso:// nor dsofile:// nor a label nor the config names one");
    DSO_TRY(const DockerCall call, project.call(words_of(verb, args)));
    return exec_docker(call);
  }
  DSO_TRY(const Engine engine, engine_of_docker());
  DSO_TRY(TmpfsStore store, TmpfsStore::open(context.paths.run_paths()));
  DSO_CHECK(claim_run_dir(engine, store, Deadline::in(kEngineTime), context.stop));
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
  if (one_off)
    for (const ServiceOverride& over : delivered.overrides)
      if (over.name == args.services.front() && over.start) put_before_entrypoint(args, kShimInContainer);
  DSO_TRY(DockerCall call, project.call(words_of(verb, args), &*text, one_off));
  for (const UniqueFd& hold : delivered.holds) call.inherited.push_back(hold.get());  // compose goes on when we are killed
  DSO_TRY(const int code, run_docker(call));
  if (code == 0 && !one_off) tell_strategies(context, loaded.config, engine, store, config.model.project);
  clean();
  return code;
}

}  // namespace dso::cli
