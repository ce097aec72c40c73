// What a change of secrets means for the containers that have them: who is rotated, how, by which steps, and why. Pure; the
// reconciler acts on it, `dso plan` prints it.
#pragma once
#include <string>
#include <vector>

#include "logic/plan_reload.h"
#include "logic/rotation_step.h"

namespace dso {

struct PlannedStep {
  std::string what;
  std::string reason;
};

/// A container that does not run what its secrets are now.
struct ContainerPlan {
  Container container;
  std::vector<SecretKey> stale;
  StrategyChoice choice;
  std::vector<PlannedStep> steps;  ///< Empty where `choice.refusal` says that it cannot be done.
  bool waits = false;              ///< It is paused: its turn comes when it runs again.
};

/// Running or paused: somebody may be served by it.
bool has_process(const Container& container);
/// Nothing can be told it, and no call of the engine ends or restarts it, before it runs again.
bool is_paused(const Container& container);
/// It does not stay up, and the engine starts it again and again.
bool in_restart_loop(const Container& container);

/// `desired`: the scope with what its secrets are now (`delivered` as it will be). Containers that are up to date, not opted in
/// without anything to tell (they do not run: their next start reads what is there) are left out. By name.
/// `now_ms` (unix time): one that the engine has just started again counts as one that does not stay up, though it runs for a
/// moment.
std::vector<ContainerPlan> plan_rotation(const Config& config, const ScopeState& desired,
                                         const std::vector<Container>& containers, std::int64_t now_ms = 0);

/// True if a value of `desired` was rolled back from this scope and the store still has it: then nothing is rotated.
bool was_refused(const ScopeState& desired);

}  // namespace dso
