// Staleness, strategy and steps put together.
#include "logic/plan_rotation.h"

#include <algorithm>

#include "logic/dependents.h"
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

bool was_just_started_again(const Container& c, std::int64_t now_ms) {
  constexpr std::int64_t kStaysUpMs = 10'000;
  return c.state == "running" && c.restart_count > 0 && now_ms - c.started_at_ms < kStaysUpMs && now_ms > 0;
}

/// It serves nobody: whatever was to be done for a process that runs, it starts with the new value.
void restart_now(StrategyChoice& choice) {
  if (choice.type == Strategy::none) return;
  choice.type = Strategy::restart;
  choice.reason += ": restart, since it does not stay up";
  choice.refusal.clear();
  choice.flow_reason.clear();
}

}  // namespace

bool has_process(const Container& container) {
  return container.state == "running" || is_paused(container);
}

bool is_paused(const Container& container) {
  return container.state == "paused";
}

bool in_restart_loop(const Container& container) {
  return container.state == "restarting";
}

std::vector<ContainerPlan> plan_rotation(const Config& config, const ScopeState& desired,
                                         const std::vector<Container>& containers, std::int64_t now_ms) {
  std::vector<ContainerPlan> out;
  for (const Container& c : containers) {
    if (!c.opted_in() || (!has_process(c) && !in_restart_loop(c))) continue;
    ContainerPlan plan{c, stale_secrets(desired, c), {}, {}};
    if (plan.stale.empty()) continue;
    plan.choice = choose_strategy(config, desired.scope, plan.stale, c);
    if (is_volume_scope(desired.scope.id)) keep_in_place(plan.choice);
    if (in_restart_loop(c) || was_just_started_again(c, now_ms)) restart_now(plan.choice);
    plan.waits = is_paused(c);
    if (plan.choice.refusal.empty()) plan.steps = steps_of(plan.choice);
    if (!plan.steps.empty() && (plan.choice.type == Strategy::restart || plan.choice.type == Strategy::rolling))
      for (const Dependent& d : to_restart(c.dependents.value_or(std::vector<Dependent>())))
        plan.steps.push_back({"restart '" + d.name + "'", tie_text(d)});
    if (plan.waits) plan.steps.insert(plan.steps.begin(), {"wait until it is unpaused", "a paused process can be told nothing"});
    out.push_back(std::move(plan));
  }
  std::sort(out.begin(), out.end(),
            [](const ContainerPlan& a, const ContainerPlan& b) { return a.container.name < b.container.name; });
  return out;
}

bool was_refused(const ScopeState& desired) {
  return std::any_of(desired.delivered.begin(), desired.delivered.end(), [&](const DeliveredSecret& d) {
    const auto has = [&](const std::map<std::string, std::string>& digests, const std::string& digest) {
      const auto it = digests.find(applied_key(d.secret));
      return it != digests.end() && !digest.empty() && it->second == digest;
    };
    return has(desired.refused, d.digest) || has(desired.refused_given, d.given);
  });
}

}  // namespace dso
