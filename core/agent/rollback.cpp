// Two ways back: another scope, or the generation before in the same scope.
#include "agent/rollback.h"

#include "agent/amend_state.h"
#include "agent/apply_reload.h"
#include "agent/deadlines.h"
#include "agent/look_before_replacing.h"
#include "agent/roll_scope.h"
#include "base/log.h"
#include "logic/dependents.h"
#include "logic/held_back.h"
#include "logic/mounted_scopes.h"
#include "logic/rotation_flow.h"

namespace dso {
namespace {

Error cannot(const std::string& name, ErrorClass cls, std::string cause, std::string next = {}) {
  return make_error(cls, "Cannot roll back '" + name + "'", std::move(cause), std::move(next));
}

Result<std::string> roll_back(const ReloadTools& tools, const Container& c, const ScopeState& now, ScopeState before,
                              std::stop_token stop) {
  ReloadTarget target{c, hold_back(now, before), {}, {}};
  if (target.stale.empty()) return cannot(c.name, ErrorClass::not_found, "the values kept from before are the same as now");
  DSO_CHECK(tools.store.save_state(before));
  target.choice = choose_strategy(tools.sources.config(), before.scope, target.stale, c);
  if (const std::string obstacle = rolling_obstacle(c); !obstacle.empty())
    return cannot(c.name, ErrorClass::invalid_request, obstacle);
  if (const std::string objection = objection_to_replacing(tools.ties, c, stop); !objection.empty())
    return cannot(c.name, ErrorClass::invalid_request, objection);
  const FlowChoice flow = choose_flow(c);
  target.choice.type = Strategy::rolling;
  target.choice.flow = flow.flow;
  target.choice.flow_reason = flow.reason;
  target.choice.reason = "rollback";
  if (!roll_to_scope(tools, now.scope.id, before.scope.id, {target}, stop))
    return cannot(c.name, ErrorClass::unhealthy, "it does not get healthy with the earlier value either, and stays as it is",
                  "The agent's log says why.");
  return "'" + c.name + "' runs with the earlier value of " + quoted_names(target.stale) + " again";
}

Result<std::string> restore(const ReloadTools& tools, const Container& c, const ScopeState& now, std::stop_token stop) {
  const std::string& scope = now.scope.id;
  DSO_TRY(auto users, scope_users(tools.engine, tools.store, Scope{scope, {}, {}, {}, {}}, stop));
  for (Container& each : users) {
    DSO_TRY(each.dependents, tools.ties.dependents_of(each, Deadline::in(kPatientEngineDeadline), stop));
    const Strategy how = choose_strategy(tools.sources.config(), now.scope, {}, each).type;
    const std::string cut_off = restart_obstacle(*each.dependents);
    if (!has_process(each) || how == Strategy::signal || how == Strategy::none) continue;
    if (!cut_off.empty()) return cannot(each.name, ErrorClass::invalid_request, cut_off);
    DSO_TRY(const std::string missing, find_missing_host(tools.engine, each, Deadline::in(kPatientEngineDeadline), stop));
    if (!missing.empty()) return cannot(each.name, ErrorClass::invalid_request, missing);
  }
  if (auto restored = tools.store.restore_previous(scope); restored.has_error())
    return cannot(c.name, ErrorClass::not_found,
                  "no earlier value is kept (only the one before the last change is, until the host restarts)");
  DSO_TRY(ScopeState before, tools.store.read(scope));
  const std::vector<SecretKey> keys = hold_back(now, before);
  DSO_CHECK(tools.store.save_state(before));
  for (const Container& each : with_process(users)) {
    StrategyChoice choice = choose_strategy(tools.sources.config(), before.scope, keys, each);
    // The files are back already; a new container is not needed for what a restart does.
    if (choice.type == Strategy::rolling || !choice.refusal.empty()) choice.type = Strategy::restart;
    choice.reason = "rollback";
    if (auto done = apply_reload(tools.ties, each, choice, stop); done.has_error())
      return cannot(each.name, ErrorClass::unhealthy, done.error().cause, "Its files have the earlier value; look at its log.");
    DSO_CHECK(amend_state(tools.store, scope, [&](ScopeState& s) { mark_told(s, each.id, before, "rollback"); }));
  }
  DSO_CHECK(tools.store.remember_judged(before));
  return "'" + c.name + "' has the earlier value of " + quoted_names(keys) + " again";
}

}  // namespace

Result<std::string> scope_of_container(const Engine& engine, const TmpfsStore& store, const std::string& name,
                                       std::stop_token stop) {
  DSO_TRY(const Container c, engine.inspect(name, Deadline::in(kEngineDeadline), stop));
  std::string scope = mounted_scope(c, store.paths().secrets_dir());
  if (scope.empty()) return cannot(c.name, ErrorClass::not_found, "DSO delivers no secret to it");
  return scope;
}

Result<std::string> rollback_container(const ReloadTools& tools, const std::string& name, std::stop_token stop) {
  DSO_TRY(const Container c, tools.engine.inspect(name, Deadline::in(kEngineDeadline), stop));
  DSO_TRY(const std::string scope, scope_of_container(tools.engine, tools.store, name, stop));
  if (c.state != "running") return cannot(c.name, ErrorClass::invalid_request, "it does not run", "Start it first.");
  DSO_TRY(ScopeState now, tools.store.read(scope));
  log::info("Reloader", "Rolling '" + c.name + "' back to the values before the last change");
  auto before = now.previous_scope.empty() ? Result<ScopeState>(make_error(ErrorClass::not_found, "", ""))
                                           : tools.store.read(now.previous_scope);
  auto done = before.has_value() ? roll_back(tools, c, now, std::move(*before), stop) : restore(tools, c, now, stop);
  if (done.has_value()) log::info("Reloader", *done + "; the value it left is held back until the store has another one");
  return done;
}

}  // namespace dso
