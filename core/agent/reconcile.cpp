// Straight through: fetch, compare, choose, then roll or update in place.
#include "agent/reconcile.h"

#include <algorithm>

#include "agent/apply_reload.h"
#include "agent/deadlines.h"
#include "agent/roll_scope.h"
#include "base/clock.h"
#include "base/log.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

void mark_applied(ScopeState& state, const Container& c, const std::string& how) {
  auto& told = state.applied[c.id];
  for (const DeliveredSecret& d : state.delivered) told[applied_key(d.secret)] = d.digest;
  state.last_rotation[c.id] = how;
}

/// One scope, from what lies in it to what the stores have.
class Reconciliation {
 public:
  Reconciliation(const ReloadTools& tools, const std::string& scope_id, std::stop_token stop)
      : tools_(tools), scope_id_(scope_id), stop_(std::move(stop)) {}

  ReconcileResult run(const std::function<bool(const std::string&)>& may_try) {
    auto lock = tools_.store.lock(scope_id_);
    if (lock.has_error()) return tell(lock.error(), "lock");
    auto before = tools_.store.read(scope_id_);
    // Gone since: nothing is mounted from it any more.
    if (result_.gone = before.has_error() && before.error().cls == ErrorClass::not_found; before.has_error()) return result_;
    if (!fetch(*before)) return result_;
    next_ = *before;
    next_.delivered = fetched_.delivered;
    changed_ = mark_changes(before->delivered, next_.delivered);
    const std::string content = content_of(next_.delivered);
    result_.held_back = was_refused(next_);
    if (result_.held_back || !may_try(content)) return result_;
    result_.content = content;
    result_.changed = changed_;

    auto containers = running_containers(tools_.engine, tools_.store, next_.scope, stop_);
    if (containers.has_error()) return tell(containers.error(), "look at the containers of");
    const bool volume = is_volume_scope(scope_id_);      // its files change live, whoever has them mounted
    if (containers->empty() && !volume) return result_;  // left by a rolling update: kept as it is for `dso rollback`
    std::vector<ReloadTarget> in_place, rolling;
    for (ContainerPlan& plan : plan_rotation(tools_.sources.config(), next_, *containers))
      (plan.choice.type == Strategy::rolling ? rolling : in_place).push_back(std::move(plan));
    if (!all_possible(in_place) || !all_possible(rolling)) return refuse(in_place, rolling);
    forget_marks_of_others(*containers);
    if (!rolling.empty()) {
      lock = UniqueFd();  // it may take minutes, and nothing in this scope changes
      if (!roll_containers(tools_, *before, fetched_, rolling, stop_)) return fail();
      for (const ReloadTarget& t : rolling) result_.brought.push_back(t.container.name);
      if (in_place.empty()) return result_;
      if (lock = tools_.store.lock(scope_id_); lock.has_error()) return tell(lock.error(), "lock");
    }
    return update(in_place);
  }

 private:
  bool fetch(const ScopeState& before) {
    auto digest_key = tools_.store.digest_key();
    if (digest_key.has_error()) {
      tell(digest_key.error(), "compare");
      return false;
    }
    auto fetched = fetch_scope(before.scope, tools_.sources, digest_key->reveal(),
                               pinned_versions(tools_.sources.config(), before), Deadline::in(kFetchDeadline), stop_);
    if (fetched.has_error()) {
      result_.error = fetched.error();
      if (!stop_.stop_requested())
        log::error("Watcher",
                   render(fetched.error()) + " The containers of '" + before.scope.service + "' keep the last good secret");
      return false;
    }
    fetched_ = std::move(*fetched);
    return true;
  }

  void forget_marks_of_others(const std::vector<Container>& containers) {
    std::erase_if(next_.applied, [&](const auto& entry) {
      return std::none_of(containers.begin(), containers.end(), [&](const Container& c) { return c.id == entry.first; });
    });
  }

  /// A process that started before the switch has read the old files: the time that counts is after it.
  void stamp_delivery() {
    for (DeliveredSecret& d : next_.delivered)
      if (std::find(changed_.begin(), changed_.end(), d.secret) != changed_.end()) {
        d.delivered_at_ms = unix_ms();
        d.delivered_boot_ms = boot_ms();
      }
    if (auto saved = tools_.store.save_state(next_); saved.has_error()) tell(saved.error(), "record the state of");
    result_.failed = false;
  }

  ReconcileResult update(const std::vector<ReloadTarget>& targets) {
    if (!changed_.empty()) {
      auto plan = plan_fetched(next_.scope, fetched_);
      if (plan.has_error()) return tell(plan.error(), "deliver to");
      next_.refused.clear();
      if (auto written = tools_.store.write(next_, *plan); written.has_error())
        return tell(written.error(), "write the files of");
      stamp_delivery();
      log::info("Reloader", "Delivered " + quoted_names(changed_) + " to '" + next_.scope.service + "'");
    }
    std::vector<const ReloadTarget*> told;
    for (const ReloadTarget& t : targets) {
      told.push_back(&t);
      auto done = apply_reload(tools_.engine, t.container, t.choice, stop_);
      if (done.has_error() && stop_.stop_requested()) return result_;  // the next start of the agent finds it stale and goes on
      if (done.has_error()) return undo(told, done.error());
      result_.brought.push_back(t.container.name);
      mark_applied(next_, t.container, std::string(strategy_name(t.choice.type)) + ": " + t.choice.reason);
      if (auto saved = tools_.store.save_state(next_); saved.has_error()) tell(saved.error(), "record the state of");
      result_.failed = false;
    }
    return result_;  // the generation before is kept for `dso rollback`
  }

  /// The last good files again, and every container that was told of the new ones is told of them.
  ReconcileResult undo(const std::vector<const ReloadTarget*>& told, const Error& error) {
    const ReloadTarget& failed = *told.back();
    result_.error = error;
    log::error("Reloader",
               std::string(reload_word(failed.choice.type)) + " failed for '" + failed.container.name + "': " + error.cause);
    if (failed.choice.type != Strategy::restart || changed_.empty()) return fail();
    if (tools_.store.restore_previous(scope_id_).has_error()) return fail();
    for (const ReloadTarget* t : told) {
      if (t->choice.type == Strategy::none) continue;
      auto again = t->choice.type == Strategy::restart
                       ? tools_.engine.restart(t->container.id, std::chrono::seconds(t->container.stop_timeout_s),
                                               Deadline::in(std::chrono::seconds(t->container.stop_timeout_s + 30)), {})
                       : apply_reload(tools_.engine, t->container, t->choice, {});
      log::error("Reloader", "'" + t->container.name + "' was " +
                                 (t->choice.type == Strategy::restart ? "restarted" : "signalled") +
                                 " with the last good secret" +
                                 (again.has_error() ? ", which failed: " + render(again.error()) : std::string()) +
                                 ". Correct the value of " + quoted_names(changed_) + " in the store");
    }
    return fail();
  }

  ReconcileResult fail() {
    result_.failed = true;
    return result_;
  }
  ReconcileResult refuse(const std::vector<ReloadTarget>& in_place, const std::vector<ReloadTarget>& rolling) {
    for (const auto* targets : {&in_place, &rolling})
      for (const ReloadTarget& t : *targets)
        if (!t.choice.refusal.empty() && !result_.error)
          result_.error = make_error(ErrorClass::invalid_request, "", t.choice.refusal + " (" + t.choice.reason + ")");
    return fail();
  }
  ReconcileResult tell(const Error& e, std::string_view doing) {
    result_.error = e;
    if (!stop_.stop_requested())
      log::error("Reloader", "Cannot " + std::string(doing) + " '" + scope_id_ + "': " + render(e) +
                                 " The containers keep the last good secret");
    return fail();
  }

  const ReloadTools& tools_;
  const std::string& scope_id_;
  std::stop_token stop_;
  FetchedScope fetched_;
  ScopeState next_;
  std::vector<SecretKey> changed_;
  ReconcileResult result_;
};

}  // namespace

ReconcileResult reconcile_scope(const ReloadTools& tools, const std::string& scope_id,
                                const std::function<bool(const std::string&)>& may_try, std::stop_token stop) {
  return Reconciliation(tools, scope_id, std::move(stop)).run(may_try);
}

}  // namespace dso
