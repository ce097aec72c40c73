// Staleness, strategy and steps put together.
#include "logic/plan_rotation.h"

#include <algorithm>

#include "logic/volume_options.h"

namespace dso {
namespace {

std::vector<PlannedStep> steps_of(const StrategyChoice& choice) {
  switch (choice.type) {
    case Strategy::none: return {{"update the files", choice.reason}};
    case Strategy::signal:
      return {{"update the files", choice.reason}, {"send " + choice.signal, "its process reads them again"}};
    case Strategy::restart:
      return {{"update the files", choice.reason},
              {"restart", "its process starts with the new value"},
              {"wait until healthy", "else the last good value comes back and it is restarted again"}};
    case Strategy::rolling: break;
    case Strategy::automatic: return {};
  }
  RotationView view;
  view.flow = choice.flow;
  view.service = Member{{}, MemberState::healthy, true, false, true};
  std::vector<PlannedStep> out{{"deliver to a new scope", "the old container keeps its files until it is gone"}};
  for (const RotationStep& step : expected_steps(view))
    if (step.kind != StepKind::done && step.kind != StepKind::failed)
      out.push_back({std::string(step_name(step.kind)), step.reason});
  return out;
}

}  // namespace

std::vector<ContainerPlan> plan_rotation(const Config& config, const ScopeState& desired,
                                         const std::vector<Container>& containers) {
  std::vector<ContainerPlan> out;
  for (const Container& c : containers) {
    if (!c.opted_in() || c.state != "running") continue;
    ContainerPlan plan{c, stale_secrets(desired, c), {}, {}};
    if (plan.stale.empty()) continue;
    plan.choice = choose_strategy(config, desired.scope, plan.stale, c);
    if (is_volume_scope(desired.scope.id)) keep_in_place(plan.choice);
    if (plan.choice.refusal.empty()) plan.steps = steps_of(plan.choice);
    out.push_back(std::move(plan));
  }
  std::sort(out.begin(), out.end(),
            [](const ContainerPlan& a, const ContainerPlan& b) { return a.container.name < b.container.name; });
  return out;
}

bool was_refused(const ScopeState& desired) {
  return std::any_of(desired.delivered.begin(), desired.delivered.end(), [&](const DeliveredSecret& d) {
    auto it = desired.refused.find(applied_key(d.secret));
    return it != desired.refused.end() && it->second == d.digest;
  });
}

}  // namespace dso
