// The next step of a rotation, from what is observed alone: the same function leads an undisturbed rotation, one that somebody
// interferes with, and one that a killed agent left behind. No journal, no I/O, no clock.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/rotation.h"

namespace dso {

/// Looked at again after every step, until it says `done` or `failed`. It never removes or stops the only container that serves:
/// a service is stopped only when a healthy candidate answers to its names (exclusive: before the candidate starts, by design),
/// removed only when a healthy one has taken over.
RotationStep next_rotation_step(const RotationView& view);

/// What an undisturbed rotation of `view` would do, for `dso plan`: the steps to `done`.
std::vector<RotationStep> expected_steps(RotationView view);

/// The world after a step that worked, as far as it can be foretold. A wait ends healthy, but for a new container that has
/// failed already: there it finds that the value is no good. `auto_remove`: a container that ends is gone (--rm).
void apply_expected(RotationView& view, StepKind step, bool auto_remove = false);

}  // namespace dso
