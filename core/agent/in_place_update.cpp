// Write, tell one after the other, judge, go back: the order in which a kill at any point leaves word of what to end.
#include "agent/in_place_update.h"

#include <algorithm>
#include <utility>

#include "agent/amend_state.h"
#include "agent/apply_reload.h"
#include "agent/bring_back.h"
#include "agent/deadlines.h"
#include "agent/monitor.h"
#include "base/clock.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "logic/given_digest.h"
#include "logic/monitored.h"

namespace dso {
namespace {

/// As `result` has it, and in the log.
void tell(ReconcileResult& result, const Error& e, const std::string& doing, const std::stop_token& stop) {
  result.error = e;
  result.failed = true;
  if (!stop.stop_requested())
    log::error("Reloader", "Cannot " + doing + ": " + render(e) + " The containers keep the last good secret");
}

std::string how_told(const StrategyChoice& choice) {
  return std::string(strategy_name(choice.type)) + ": " + choice.reason;
}

/// Before the last mark, not after it: who is killed in between does the last step again.
void remember_judged(const TmpfsStore& store, const ScopeState& state) {
  if (auto judged = store.remember_judged(state); judged.has_error()) log::warn("Reloader", render(judged.error()));
}

void note_restart(TmpfsStore& store, const std::string& scope_id, const std::string& container_id) {
  record_state(store, scope_id, [&](ScopeState& s) { s.restarting[container_id] = unix_ms(); });
  crash_point("reload: a restart is noted");
}

/// The last good files again, and each of `told` is told of them. False: there are none to go back to.
bool bring_back(const ReloadTools& tools, const ScopeState& bad, const std::vector<SecretKey>& keys,
                const std::vector<ReloadTarget>& told) {
  if (!restore_files(tools, bad, told)) return false;
  tell_again(tools, bad.scope.id, keys, told);
  return true;
}

class Update {
 public:
  Update(const ReloadTools& tools, InPlaceChange change, ReconcileResult& result, std::stop_token stop)
      : tools_(tools), change_(std::move(change)), result_(result), stop_(std::move(stop)) {}

  void run(const std::vector<ReloadTarget>& targets) {
    if (!change_.changed.empty() && !write(targets)) return;
    std::vector<ReloadTarget> told;
    for (const ReloadTarget& t : targets) {
      told.push_back(t);
      const std::string& id = change_.next.scope.id;
      if (t.choice.type == Strategy::restart) note_restart(tools_.store, id, t.container.id);
      // Before, since it may die of the signal and the agent be killed; again afterwards, since the engine may have sent it for
      // us.
      if (t.choice.type == Strategy::signal) monitor_from_now(tools_, id, t.container, ToldBy::a_signal);
      auto done = apply_reload(tools_.ties, t.container, t.choice, stop_);
      if (done.has_error() && stop_.stop_requested()) return;  // the next start of the agent goes on
      if (done.has_error()) return undo(told, done.error());
      result_.brought.push_back(t.container.name);
      const ToldBy by = t.choice.type == Strategy::signal ? ToldBy::a_signal : ToldBy::its_start;
      if (t.choice.type != Strategy::none) monitor_container(tools_, id, t.container.id, by);
      if (&t == &targets.back()) remember_judged(tools_.store, change_.next);
      record_state(tools_.store, id, [&](ScopeState& s) { mark_told(s, t.container.id, change_.next, how_told(t.choice)); });
    }
  }  // the generation before is kept for `dso rollback`

 private:
  bool write(const std::vector<ReloadTarget>& targets) {
    ScopeState& next = change_.next;
    const std::string& id = next.scope.id;
    const auto lock = tools_.store.lock(id);
    if (lock.has_error()) return failed(lock.error(), "lock '" + id + "'");
    // `dso up` may have delivered meanwhile: then this is no longer about what lies there, and the next poll finds out what is.
    const auto now = tools_.store.read(id);
    if (now.has_error() || content_of(now->delivered) != content_of(change_.before.delivered)) return overtaken();
    next.refused.clear();
    next.refused_given.clear();
    // from the first moment: an agent that dies right after the switch leaves word of who is to be judged
    next.restarting.clear();
    for (const ReloadTarget& t : targets)
      if (t.choice.type == Strategy::restart) next.restarting[t.container.id] = unix_ms();
    const bool proved = has_proved_good(*now, boot_ms(), tools_.sources.config().agent.monitor);
    if (auto written =
            tools_.store.write(next, change_.plan, change_.fetched.values, proved ? KeepForBack::replaced : KeepForBack::earlier);
        written.has_error())
      return failed(written.error(), "write the files of '" + id + "'");
    stamp();
    log::info("Reloader", "Delivered " + quoted_names(change_.changed) + " to '" + next.scope.service + "'");
    return true;
  }

  /// A process that started before the switch has read the old files: the time that counts is after it.
  void stamp() {
    for (DeliveredSecret& d : change_.next.delivered)
      if (std::find(change_.changed.begin(), change_.changed.end(), d.secret) != change_.changed.end()) {
        d.delivered_at_ms = unix_ms();
        d.delivered_boot_ms = boot_ms();
      }
    if (auto saved = tools_.store.save_state(change_.next); saved.has_error())
      log::warn("Reloader", "Cannot record the state of '" + change_.next.scope.id + "': " + render(saved.error()));
  }

  void undo(const std::vector<ReloadTarget>& told, const Error& error) {
    const ReloadTarget& last = told.back();
    result_.error = error;
    result_.failed = true;
    log::error("Reloader", std::string(reload_word(last.choice.type)) + " failed for '" + last.container.name +
                               "': " + error.cause + (error.next.empty() ? "" : ". " + error.next));
    const bool brought_back = last.choice.type == Strategy::restart && !change_.changed.empty() &&
                              bring_back(tools_, change_.next, change_.changed, told);
    if (!brought_back)
      record_state(tools_.store, change_.next.scope.id, [&](ScopeState& s) { s.restarting.erase(last.container.id); });
  }

  /// Nothing was brought, and nothing failed.
  bool overtaken() {
    result_.content.clear();
    result_.changed.clear();
    result_.error = make_error(ErrorClass::unavailable, "", "somebody else delivered to it at the same time",
                               "Ask again; the next poll does.");
    return false;
  }

  bool failed(const Error& e, const std::string& doing) {
    tell(result_, e, doing, stop_);
    return false;
  }

  const ReloadTools& tools_;
  InPlaceChange change_;
  ReconcileResult& result_;
  std::stop_token stop_;
};

/// The secrets by which the scope's kept generation differs.
std::vector<SecretKey> all_keys(const ScopeState& state) {
  std::vector<SecretKey> out;
  for (const DeliveredSecret& d : state.delivered) out.push_back(d.secret);
  return out;
}

/// A restart that was asked for and did not happen, or not to its end, is asked for again; then its health counts.
Result<void> end_restart(const ReloadTools& tools, const Container& c, const StrategyChoice& choice, std::int64_t asked_ms,
                         const std::stop_token& stop) {
  log::info("Reloader", "The restart of '" + c.name + "' was interrupted, going on with that");
  if (c.started_at_ms < asked_ms || !has_process(c)) return apply_reload(tools.ties, c, choice, stop);
  return wait_restarted(tools.ties, c, choice, stop);
}

}  // namespace

void update_in_place(const ReloadTools& tools, InPlaceChange change, const std::vector<ReloadTarget>& targets,
                     ReconcileResult& result, std::stop_token stop) {
  Update(tools, std::move(change), result, std::move(stop)).run(targets);
}

bool end_restarts(const ReloadTools& tools, const ScopeState& state, ReconcileResult& result, std::stop_token stop) {
  const std::string doing = "end the restart of a container of '" + state.scope.service + "'";
  const std::vector<SecretKey> keys = all_keys(state);
  for (const auto& [id, asked_ms] : state.restarting) {
    const auto c = tools.engine.inspect(id, Deadline::in(kPatientEngineDeadline), stop);
    if (c.has_error() && c.error().cls != ErrorClass::not_found) {
      tell(result, c.error(), doing, stop);
      return false;
    }
    const auto forget = [&id = id](ScopeState& s) { s.restarting.erase(id); };
    if (c.has_error()) {
      record_state(tools.store, state.scope.id, forget);
      continue;
    }
    StrategyChoice choice = choose_strategy(tools.sources.config(), state.scope, keys, *c);
    choice.type = Strategy::restart;  // as it was when it was asked to
    choice.refusal.clear();
    // It was healthy, and what became of it since then is the monitor's to judge: its marks alone are missing.
    const bool ended = is_looked_at_since(state, id, asked_ms, boot_ms(), unix_ms());
    const auto done = ended ? Result<void>() : end_restart(tools, *c, choice, asked_ms, stop);
    if (done.has_error() && stop.stop_requested()) return false;
    if (done.has_value()) {
      if (!ended) monitor_container(tools, state.scope.id, id, ToldBy::its_start);
      if (id == state.restarting.rbegin()->first) remember_judged(tools.store, state);
      record_state(tools.store, state.scope.id, [&](ScopeState& s) { mark_told(s, c->id, state, how_told(choice)); });
      continue;
    }
    result.error = done.error();
    result.failed = true;
    result.content = content_of(state.delivered);
    log::error("Reloader", "Restart failed for '" + c->name + "': " + done.error().cause);
    // Nobody knows any more who else had been told: all that run are.
    const auto told = told_again(tools, state, id, stop);
    if (!bring_back(tools, state, keys, told.has_value() ? *told : std::vector<ReloadTarget>()))
      record_state(tools.store, state.scope.id, forget);
    return false;
  }
  return true;
}

}  // namespace dso
