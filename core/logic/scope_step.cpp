// Who is told comes first; the files alone are written only where no process would read them before its turn.
#include "logic/scope_step.h"

#include <algorithm>

namespace dso {
namespace {

bool is_impossible(const ContainerPlan& plan) {
  return !plan.choice.refusal.empty();
}
bool is_rolling(const ContainerPlan& plan) {
  return plan.choice.type == Strategy::rolling;
}

/// By the engine's clock, which may have been set: what ended in the future has just ended.
bool may_come_back(const Container& c, std::int64_t now_ms) {
  return c.state == "exited" && c.finished_at_ms > 0 && now_ms - c.finished_at_ms < kComesBackMs;
}

}  // namespace

ScopeStep next_scope_step(const ScopeSituation& s) {
  if (s.users.empty() && !s.volume) return ScopeStep::nobody;
  const auto any = [](const auto& list, const auto& is) { return std::any_of(list.begin(), list.end(), is); };
  if (any(s.in_place, is_impossible) || any(s.rolling, is_impossible)) return ScopeStep::refuse;
  if (!s.rolling.empty()) return ScopeStep::roll;
  if (!s.in_place.empty()) return ScopeStep::update;
  if (!s.changed) return ScopeStep::nothing;
  // From here on nobody is told: the files may change only where no process reads them before its turn.
  if (any(s.later, is_rolling) || any(s.later, is_impossible)) return ScopeStep::wait;
  if (!any(s.users, has_process) && !s.asked && any(s.users, [&](const Container& c) { return may_come_back(c, s.now_ms); }))
    return ScopeStep::wait;
  return ScopeStep::update;
}

}  // namespace dso
