// A container that its user stopped, and a job that is done, did not fail; one that the engine had to start again did.
#include "logic/monitored.h"

#include <algorithm>

#include "logic/plan_reload.h"

namespace dso {
namespace {

/// After its time a look may come late by so much, and still count.
constexpr std::int64_t kLateMs = 2000;

MonitorResult take_back(std::string cause) {
  return {MonitorVerdict::take_back, std::move(cause)};
}

}  // namespace

std::int64_t told_at_boot_ms(ToldBy by, const Container& c, std::int64_t now_boot_ms, std::int64_t now_ms) {
  if (by == ToldBy::a_signal || c.started_at_ms <= 0) return now_boot_ms;
  return now_boot_ms - std::max<std::int64_t>(0, now_ms - c.started_at_ms);
}

bool is_looked_at_since(const ScopeState& state, const std::string& container_id, std::int64_t asked_ms, std::int64_t now_boot_ms,
                        std::int64_t now_ms) {
  const auto noted = state.monitored.find(container_id);
  return noted != state.monitored.end() && now_ms - (now_boot_ms - noted->second.since_boot_ms) >= asked_ms;
}

bool may_be_the_values_fault(const ScopeState& state, const std::string& container_id) {
  return std::none_of(state.applied.begin(), state.applied.end(), [&](const auto& told) {
    const std::string& other = told.first;
    return other != container_id && is_marked_told(state, other) && !state.monitored.contains(other);
  });
}

bool has_proved_good(const ScopeState& state, std::int64_t now_boot_ms, std::chrono::milliseconds window) {
  return std::none_of(state.monitored.begin(), state.monitored.end(),
                      [&](const auto& told) { return now_boot_ms - told.second.since_boot_ms < window.count(); });
}

MonitorResult judge_monitored(const Monitored& told, const MonitorView& view, std::chrono::milliseconds window) {
  if (!view.container) return {MonitorVerdict::over, {}};
  const Container& c = *view.container;
  const std::int64_t passed = view.now_boot_ms - told.since_boot_ms;
  // The engine starts no container again that was stopped on purpose.
  const int restarts = c.restart_count - told.restarts;
  const bool loops = c.state == "restarting" || restarts > 0;
  if (loops)  // of one that runs again nobody knows by which code it ended
    return take_back("it does not stay up" +
                     (c.exit_code == 0 ? "" : " (it ended with code " + std::to_string(c.exit_code) + ")"));
  if (c.state == "exited" || c.state == "dead") {
    // an agent that was away sees it late
    const std::int64_t lived = c.finished_at_ms - (view.now_ms - passed);
    if (lived > window.count() + kLateMs) return {MonitorVerdict::over, {}};
    if (view.may_have_been_stopped || (c.exit_code == 0 && !c.oom_killed)) return {MonitorVerdict::over, {}};
    return take_back(c.oom_killed ? "it ran out of memory" : "it ended with code " + std::to_string(c.exit_code));
  }
  if (passed > window.count() + kLateMs) return {MonitorVerdict::over, {}};
  if (c.health == "unhealthy" && !told.was_unhealthy) return take_back("its healthcheck fails");
  return {passed >= window.count() ? MonitorVerdict::over : MonitorVerdict::watch, {}};
}

}  // namespace dso
