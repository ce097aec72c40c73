// Files first, then each container; "restarts" is in the state before each call, as in an update.
#include "agent/bring_back.h"

#include <utility>

#include "agent/amend_state.h"
#include "agent/apply_reload.h"
#include "agent/deadlines.h"
#include "agent/deliver.h"
#include "agent/restart_dependents.h"
#include "base/clock.h"
#include "base/log.h"
#include "logic/given_digest.h"
#include "logic/held_back.h"
#include "logic/plan_delivery.h"

namespace dso {
namespace {

/// Its health is the next look's.
Result<void> restart_again(ContainerTies& ties, const ReloadTarget& t) {
  const auto dependents = dependents_to_restart(ties, t.container, {});
  DSO_CHECK(restart_container(ties.engine(), t.container));
  restart_dependents(ties.engine(), dependents, t.container.id, t.choice.health_check_timeout, {});
  return {};
}

ReloadTarget again(const ReloadTools& tools, const ScopeState& state, const std::vector<SecretKey>& keys, const Container& c) {
  ReloadTarget out{c, keys, choose_strategy(tools.sources.config(), state.scope, keys, c), {}};
  if (out.choice.type == Strategy::rolling || !out.choice.refusal.empty()) out.choice.type = Strategy::restart;
  out.choice.refusal.clear();
  return out;
}

Error nothing_kept(const ScopeState& bad) {
  return make_error(ErrorClass::not_found, "Cannot bring the last good secrets of '" + bad.scope.service + "' back",
                    "nothing earlier is kept", "Correct the value in the store.");
}

/// Nobody has been told of `good` yet, whatever it says of the time when it was delivered before.
void mark_untold(ScopeState& good, const ScopeState& bad, const std::vector<ReloadTarget>& targets) {
  for (DeliveredSecret& d : good.delivered)
    if (const DeliveredSecret* was = find_delivered(bad.delivered, d.secret); !was || !same_given(*was, d))
      d.delivered_at_ms = unix_ms(), d.delivered_boot_ms = boot_ms();
  good.monitored.clear();
  good.restarting.clear();
  for (const ReloadTarget& t : targets) {
    good.applied.erase(t.container.id);
    if (t.choice.type == Strategy::restart) good.restarting[t.container.id] = unix_ms();
  }
}

/// The generation that a rolling update came from has the values; this scope gets them.
Result<ScopeState> copy_previous_scope(const ReloadTools& tools, const ScopeState& bad,
                                       const std::vector<ReloadTarget>& targets) {
  const auto before = bad.previous_scope.empty() ? Result<ScopeState>(nothing_kept(bad)) : tools.store.read(bad.previous_scope);
  const auto values =
      before.has_value() ? tools.store.values(bad.previous_scope) : Result<std::map<SecretKey, SecretValue>>(before.error());
  if (values.has_error()) return nothing_kept(bad);
  DSO_TRY(const DeliveryPlan plan, plan_of_values(bad.scope, *values));
  ScopeState next = bad;
  next.delivered = before->delivered;
  next.refused = before->refused;
  next.refused_given = before->refused_given;
  (void)hold_back(bad, next);
  mark_untold(next, bad, targets);
  DSO_CHECK(tools.store.write(next, plan, *values));
  DSO_CHECK(tools.store.forget_previous(next.scope.id));  // that is the bad one
  return next;
}

}  // namespace

Result<std::vector<ReloadTarget>> told_again(const ReloadTools& tools, const ScopeState& state, const std::string& dead,
                                             std::stop_token stop) {
  std::vector<SecretKey> keys;
  for (const DeliveredSecret& d : state.delivered) keys.push_back(d.secret);
  DSO_TRY(const auto users, scope_users(tools.engine, tools.store, state.scope, std::move(stop)));
  std::vector<ReloadTarget> out;
  for (const Container& c : users) {
    if (!has_process(c) && !in_restart_loop(c) && c.id != dead) continue;
    out.push_back(again(tools, state, keys, c));
    if (c.id == dead || in_restart_loop(c)) out.back().choice.type = Strategy::restart;
    if (is_paused(c)) out.back().choice.type = Strategy::none;  // told when it runs again: it loses its mark
  }
  return out;
}

bool restore_files(const ReloadTools& tools, const ScopeState& bad, const std::vector<ReloadTarget>& targets) {
  const std::string& scope_id = bad.scope.id;
  const auto lock = tools.store.lock(scope_id);
  const auto now = tools.store.read(scope_id);
  return lock.has_value() && now.has_value() && content_of(now->delivered) == content_of(bad.delivered) &&
         tools.store.restore_previous(scope_id, [&](ScopeState& s) { mark_untold(s, bad, targets); }).has_value();
}

Result<ScopeState> take_back_files(const ReloadTools& tools, const ScopeState& bad, const std::vector<ReloadTarget>& targets) {
  const std::string& scope_id = bad.scope.id;
  DSO_TRY(const UniqueFd lock, tools.store.lock(scope_id));
  DSO_TRY(const ScopeState now, tools.store.read(scope_id));
  if (content_of(now.delivered) != content_of(bad.delivered))
    return make_error(ErrorClass::unavailable, "", "somebody else delivered to it at the same time");
  auto restored = tools.store.restore_previous(scope_id, [&](ScopeState& good) {
    (void)hold_back(now, good);
    mark_untold(good, now, targets);
  });
  if (restored.has_error() && restored.error().cls == ErrorClass::not_found) return copy_previous_scope(tools, now, targets);
  return restored;
}

void tell_again(const ReloadTools& tools, const std::string& scope_id, const std::vector<SecretKey>& keys,
                const std::vector<ReloadTarget>& targets) {
  for (const ReloadTarget& t : targets) {
    if (t.choice.type == Strategy::none) continue;
    const bool restart = t.choice.type == Strategy::restart;
    auto again = restart ? restart_again(tools.ties, t) : apply_reload(tools.ties, t.container, t.choice, {});
    log::error("Reloader", "'" + t.container.name + "' was " + (restart ? "restarted" : "signalled") +
                               " with the last good secret" +
                               (again.has_error() ? ", which failed: " + render(again.error()) : std::string()) +
                               ". Correct the value of " + quoted_names(keys) + " in the store");
    if (restart && again.has_value())
      record_state(tools.store, scope_id, [&](ScopeState& s) { s.restarting.erase(t.container.id); });
  }
}

}  // namespace dso
