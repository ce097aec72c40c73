// Delivers the next generation, then one rotation a container.
#include "agent/roll_scope.h"

#include <algorithm>
#include <set>

#include "agent/amend_state.h"
#include "agent/deadlines.h"
#include "agent/gc_scopes.h"
#include "agent/last_words.h"
#include "agent/look_before_replacing.h"
#include "agent/monitor.h"
#include "agent/notes_key.h"
#include "agent/restart_dependents.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "delivery/env_shim.h"
#include "logic/monitored.h"
#include "logic/rotation_names.h"
#include "rotation/run_rotation.h"

namespace dso {
namespace {

/// The generation that has this content already (another replica went there, or an interrupted rotation), else a new one.
std::string target_scope(const TmpfsStore& store, const std::string& from, const std::string& content) {
  const std::string base = scope_base(from);
  int highest = scope_generation(from);
  std::string same;
  for (const std::string& id : store.list()) {
    if (scope_base(id) != base || id == from) continue;
    highest = std::max(highest, scope_generation(id));
    if (scope_generation(id) <= scope_generation(from)) continue;
    if (auto state = store.read(id); state.has_value() && content_of(state->delivered) == content) same = id;
  }
  return same.empty() ? scope_of_generation(base, highest + 1) : same;
}

/// What a container of the scope can know: whole fields, and what only a mapping takes out of one ('#a.b'). Borrowed.
DeliveredValues values_of(const FetchedScope& fetched, const DeliveryPlan& plan) {
  DeliveredValues out;
  for (const auto& [key, secret] : fetched.values) {
    out.secrets.push_back(key);
    for (const SecretField& f : secret.fields) out.values.push_back(f.value.reveal());
  }
  for (const PlannedFile& f : plan.files) out.values.push_back(f.content);
  for (const PlannedEnv& e : plan.env) out.values.push_back(e.content);
  return out;
}

/// What a clone must mount: the scope's folders, and dso-init where there is env.
Result<std::vector<ScopeMount>> mounts_for(const TmpfsStore& store, const std::string& scope_id, const DeliveryPlan& plan) {
  std::vector<ScopeMount> mounts = store.mounts(scope_id, plan);
  if (plan.env.empty()) return mounts;
  DSO_TRY(std::string shim, install_env_shim(store.paths().state_dir));
  mounts.push_back({std::move(shim), kShimInContainer});
  return mounts;
}

void tell_failure(const ReloadTools& tools, const ReloadTarget& t, const RotationResult& result, const DeliveredValues& values,
                  std::stop_token stop) {
  const std::string cause =
      result.error ? (result.error->cause.empty() ? result.error->what : result.error->cause) : "unknown cause";
  std::string text = "Rolling update failed for '" + t.container.name + "': " + cause;
  if (result.error && !result.error->next.empty()) text += ". " + result.error->next;
  text += ". The old container keeps running with the last good secret. ";
  if (result.error && result.error->cls != ErrorClass::unhealthy)
    text += "It is tried again";  // the engine's doing, and no value's
  else
    text += "Correct the value of " + quoted_names(t.stale) + " in the store, or look at the service's healthcheck";
  log::error("Reloader", text);
  tell_last_words(tools, t.container, view(result.failed_logs), values, stop);
}

RotationSubject subject_for(const Config& config, const std::string& secrets_dir, const ReloadTarget& t, const std::string& from,
                            const std::string& to) {
  RotationSubject s;
  s.service = t.container.name;
  s.replaces = t.container.id;
  s.secrets_dir = secrets_dir;
  s.wanted_scope = to;
  s.last_scope = from;
  s.rotation_id = random_hex(8);
  s.generation = generation_of(t.container, 1) + 1;
  s.flow = t.choice.flow;
  s.health_check_timeout = t.choice.health_check_timeout;
  s.drain_timeout = config.agent.drain_timeout;
  return s;
}

/// Where a way back from the next generation leads: to `state`, unless that has not proved good yet and came from one that had.
std::string scope_for_back(const ReloadTools& tools, const ScopeState& state) {
  const bool proved = has_proved_good(state, boot_ms(), tools.sources.config().agent.monitor);
  return proved || state.previous_scope.empty() ? state.scope.id : state.previous_scope;
}

struct Move {
  std::string from, to;
  std::string back;  ///< scope_for_back
  std::vector<ScopeMount> mounts;
  DeliveredValues values;
  bool monitored = false;  ///< Going back to what was good is not.
};

bool move(const ReloadTools& tools, const Move& m, const ReloadTarget& t, std::stop_token stop) {
  if (const std::string objection = objection_to_replacing(tools.ties, t.container, stop); !objection.empty()) {
    log::error("Reloader",
               "Rolling update failed for '" + t.container.name + "': " + objection + ". It keeps the last good secret");
    return false;
  }
  if (const std::string why = tools.redirects.unavailable(); t.choice.flow == Flow::relay && !why.empty()) {
    log::error("Reloader", "Rolling update failed for '" + t.container.name + "': its ports cannot be redirected: " + why +
                               ". Install nftables, or set the strategy restart, signal or none. It keeps the last good secret");
    return false;
  }
  if (const auto trusted = trust_notes(tools.engine, tools.store.paths(), Deadline::in(kPatientEngineDeadline), stop);
      trusted.has_error()) {
    if (!stop.stop_requested())
      log::error("Reloader", "Rolling update failed for '" + t.container.name + "': " + render(trusted.error()) +
                                 " It keeps the last good secret");
    return false;
  }
  log::info("Reloader",
            "Rolling update of '" + t.container.name + "' begins (" + t.choice.reason + "; " + t.choice.flow_reason + ")");
  const auto dependents = dependents_to_restart(tools.ties, t.container, stop);
  const auto began = std::chrono::steady_clock::now();
  RotationSubject subject = subject_for(tools.sources.config(), tools.store.paths().secrets_dir(), t, m.from, m.to);
  subject.mounts = m.mounts;
  const RotationResult result = run_rotation({tools.engine, tools.redirects}, subject, stop);
  switch (result.outcome) {
    case RotationResult::Outcome::rotated: {
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count();
      log::info("Reloader", "Rolled '" + t.container.name + "' to the new secret in " + std::to_string(took) + " ms, healthy");
      record_state(tools.store, m.to, [&](ScopeState& s) {
        s.previous_scope = m.back;
        s.last_rotation[result.service_id] = "rolling: " + t.choice.reason;
      });
      if (m.monitored) monitor_container(tools, m.to, result.service_id, ToldBy::its_start);
      restart_dependents(tools.engine, dependents, result.service_id, t.choice.health_check_timeout, stop);
      return true;
    }
    case RotationResult::Outcome::kept: tell_failure(tools, t, result, m.values, stop); return false;
    case RotationResult::Outcome::gone:
      log::info("Reloader", "'" + t.container.name + "' is gone, nothing to do for it");
      return true;
    case RotationResult::Outcome::interrupted:
      if (!stop.stop_requested())
        log::error("Reloader", "Rolling update of '" + t.container.name + "' is interrupted: " +
                                   (result.error ? render(*result.error) : std::string("the engine stays away")) +
                                   " It goes on when the engine answers again");
      return false;
  }
  return false;
}

}  // namespace

void drop_generations(const ReloadTools& tools, const std::string& base) {
  // Scopes first: one that appears after the list of containers was taken is not looked at.
  std::set<std::string> unused;
  for (const std::string& id : tools.store.list()) unused.insert(id);
  for (const Scope& scope : tools.store.known_scopes()) unused.insert(scope.id);
  std::erase_if(unused,
                [&](const std::string& id) { return scope_generation(id) < 2 || (!base.empty() && scope_base(id) != base); });
  if (unused.empty()) return;
  auto used = scopes_in_use(tools.engine, tools.store.paths().secrets_dir(), Deadline::in(kPatientEngineDeadline), {});
  if (used.has_error()) return;
  for (const std::string& id : *used) {
    unused.erase(id);
    if (auto state = tools.store.read(id); state.has_value()) unused.erase(state->previous_scope);
  }
  for (const std::string& id : unused) {
    auto lock = tools.store.lock(id);
    if (lock.has_value()) (void)tools.store.remove(id);
  }
}

bool roll_containers(const ReloadTools& tools, const ScopeState& state, const FetchedScope& fetched, const DeliveryPlan& plan,
                     const std::vector<ReloadTarget>& targets, std::stop_token stop) {
  const auto failed = [&](const Error& e) {
    if (!stop.stop_requested())
      log::error("Reloader",
                 "Cannot deliver to '" + state.scope.service + "': " + render(e) + " The containers keep the last good secret");
    return false;
  };
  Move m;
  m.from = state.scope.id;
  m.back = scope_for_back(tools, state);
  m.to = target_scope(tools.store, m.from, content_of(fetched.delivered));
  m.values = values_of(fetched, plan);
  m.monitored = true;
  {
    auto lock = tools.store.lock(m.to);
    if (lock.has_error()) return failed(lock.error());
    auto there = tools.store.read(m.to);
    if (there.has_error() || content_of(there->delivered) != content_of(fetched.delivered)) {
      ScopeState next;
      next.scope = state.scope;
      next.scope.id = m.to;
      next.delivered = fetched.delivered;
      (void)mark_changes({}, next.delivered);
      next.previous_scope = m.back;
      if (auto written = tools.store.write(next, plan, fetched.values); written.has_error()) return failed(written.error());
    }
  }
  // Ahead of the verdict: a generation that nobody stays with goes, and this with it.
  if (const auto there = tools.store.read(m.to); there.has_value())
    if (auto judged = tools.store.remember_judged(*there); judged.has_error()) log::warn("Reloader", render(judged.error()));
  auto mounts = mounts_for(tools.store, m.to, plan);
  if (mounts.has_error()) return failed(mounts.error());
  m.mounts = std::move(*mounts);
  bool all = true;
  for (const ReloadTarget& t : targets)
    if (!(all = move(tools, m, t, stop))) break;
  if (all) {
    drop_generations(tools, scope_base(m.to));
  } else {
    drop_unused(tools.engine, tools.store, m.to);  // nothing came of it
  }
  return all;
}

bool roll_to_scope(const ReloadTools& tools, const std::string& from_scope, const std::string& to_scope,
                   const std::vector<ReloadTarget>& targets, std::stop_token stop) {
  for (const ReloadTarget& t : targets) {
    Move m;
    m.from = from_scope;
    m.to = to_scope;
    m.back = from_scope;
    // Both scopes have the same folders: the container's own mounts say which.
    const std::string folder = tools.store.paths().secrets_dir() + "/" + from_scope + "/";
    for (const ContainerMount& mount : t.container.mounts) {
      if (mount.source.starts_with(folder))
        m.mounts.push_back(
            {tools.store.paths().secrets_dir() + "/" + to_scope + "/" + mount.source.substr(folder.size()), mount.destination});
      if (mount.destination == kShimInContainer) m.mounts.push_back({mount.source, mount.destination});
    }
    if (!move(tools, m, t, stop)) return false;
  }
  return true;
}

}  // namespace dso
