// Look, ask logic/monitored, act.
#include "agent/monitor.h"

#include "agent/amend_state.h"
#include "agent/bring_back.h"
#include "agent/deadlines.h"
#include "base/clock.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "logic/duration.h"

namespace dso {
namespace {

/// The secrets that differ between the two.
std::vector<SecretKey> differing(const ScopeState& bad, const ScopeState& good) {
  ScopeState next = good;
  next.delivered = bad.delivered;
  return mark_changes(good.delivered, next.delivered);
}

/// It was signalled so long before that was noted, at the most: a program may be dead by then.
constexpr std::int64_t kToldAtMs = 2000;

/// Where nobody listened, the engine is asked for what it remembers. Of an end that it does not remember nobody knows.
bool may_have_been_stopped(const ReloadTools& tools, const std::string& id, std::int64_t told_boot_ms,
                           const std::stop_token& stop) {
  if (tools.asked_ends.was_asked(id, told_boot_ms)) return true;
  if (tools.asked_ends.listened_since(told_boot_ms)) return false;
  const auto past =
      tools.engine.past_events({{"type", {"container"}}, {"container", {id}}, {"event", {"kill", "die"}}},
                               unix_ms() - (boot_ms() - told_boot_ms) - kToldAtMs, Deadline::in(kEngineDeadline), stop);
  if (past.has_error() || past->empty() || past->back().action != "die") return true;
  return past->size() > 1 && (*past)[past->size() - 2].action == "kill";
}

void take_back(const ReloadTools& tools, const ScopeState& bad, const Container& c, const std::string& cause,
               const std::stop_token& stop) {
  const std::string within = "'" + c.name + "' did not take its new secret: within " +
                             format_duration(tools.sources.config().agent.monitor) + " " + cause;
  const std::string& scope_id = bad.scope.id;
  // Whom to tell is asked first: without an engine nothing is changed, and the next look finds everything as it is.
  const auto targets = told_again(tools, bad, c.id, stop);
  if (targets.has_error()) {
    log::error("Reloader", within + ". The last good one waits for the engine: " + render(targets.error()));
    return;
  }
  const auto good = take_back_files(tools, bad, *targets);
  const auto forget = [](ScopeState& s) { s.monitored.clear(); };
  if (good.has_error()) {
    log::error("Reloader", within + ". It stays with it: " + render(good.error()));
    return record_state(tools.store, scope_id, forget);
  }
  crash_point("monitor: the files are back");
  log::error("Reloader", within + ". The last good one comes back, and the new one is held back until the store has another");
  tell_again(tools, scope_id, differing(bad, *good), *targets);
  record_state(tools.store, scope_id, [&](ScopeState& s) {
    forget(s);
    for (const ReloadTarget& t : *targets)
      if (!is_paused(t.container)) mark_told(s, t.container.id, *good, "taken back: " + cause);
  });
  if (auto judged = tools.store.remember_judged(*good); judged.has_error()) log::warn("Reloader", render(judged.error()));
}

}  // namespace

void monitor_from_now(const ReloadTools& tools, const std::string& scope_id, const Container& c, ToldBy by) {
  if (tools.sources.config().agent.monitor.count() == 0) return;
  bool monitored = false;
  record_state(tools.store, scope_id, [&](ScopeState& s) {
    monitored = may_be_the_values_fault(s, c.id);
    if (monitored)
      s.monitored[c.id] =
          Monitored{boot_ms(), c.restart_count, c.health == "unhealthy", told_at_boot_ms(by, c, boot_ms(), unix_ms())};
  });
  if (monitored) tools.monitoring(scope_id, c.id);
}

void monitor_container(const ReloadTools& tools, const std::string& scope_id, const std::string& container_id, ToldBy by) {
  crash_point("monitor: told, and not noted");
  if (tools.sources.config().agent.monitor.count() == 0) return;
  const auto c = tools.engine.inspect(container_id, Deadline::in(kEngineDeadline), {});
  if (c.has_value()) monitor_from_now(tools, scope_id, *c, by);  // else gone, or nobody to ask: nothing to compare with later
}

ScopeVerdict judge_scope(const ReloadTools& tools, const std::string& scope_id, std::stop_token stop) {
  ScopeVerdict out;
  const auto state = tools.store.read(scope_id);
  if (state.has_error()) return out;
  for (const auto& [id, told] : state->monitored) {
    if (!state->restarting.empty()) {  // a restart that was cut off is ended first, and judged by its health
      out.watched[id] = told.since_boot_ms;
      continue;
    }
    const auto c = tools.engine.inspect(id, Deadline::in(kPatientEngineDeadline), stop);
    const bool unknown = c.has_error() && !tools.engine.passes_over(c.error());  // the engine is away: the next look
    const MonitorView view{c.has_value() ? &*c : nullptr,
                           c.has_value() && !has_process(*c) && may_have_been_stopped(tools, id, told.told_boot_ms, stop),
                           boot_ms(), unix_ms()};
    const MonitorResult result = unknown ? MonitorResult() : judge_monitored(told, view, tools.sources.config().agent.monitor);
    if (result.verdict == MonitorVerdict::watch) {
      out.watched[id] = told.since_boot_ms;
    } else if (result.verdict == MonitorVerdict::take_back) {
      take_back(tools, *state, *c, result.cause, stop);
      out.taken_back = true;
      return out;
    } else if (c.has_value()) {  // (one that is gone stays gone)
      crash_point("monitor: its time is over");
      record_state(tools.store, scope_id, [&id = id](ScopeState& s) { s.monitored.erase(id); });
    }
  }
  return out;
}

}  // namespace dso
