// Carries out one step of a rotation: a thin hand for logic/rotation_step.h. Decides nothing.
#pragma once
#include <stop_token>

#include "rotation/observe.h"

namespace dso {

/// `memory` takes what a wait found out and whether a redirect is there.
Result<void> do_step(const RotationTools& tools, const RotationSubject& subject, const ObservedRotation& observed, StepKind step,
                     RotationMemory& memory, std::stop_token s);

}  // namespace dso
