// One rotation from its first step to its last: look, decide, act, again. What fails is undone, what others do meanwhile is seen
// at the next look, and a killed agent's successor goes on from what it finds.
#pragma once
#include <stop_token>

#include "rotation/subject.h"

namespace dso {

struct RotationResult {
  enum class Outcome {
    rotated,      ///< The service runs with the wanted scope, healthy; nothing is left over.
    kept,         ///< It did not work; the last good container serves. `error` says why.
    gone,         ///< Somebody removed the container.
    interrupted,  ///< The agent stops, or the engine stayed away: the next start goes on.
  };
  Outcome outcome = Outcome::kept;
  std::optional<Error> error;
  std::string service_id;    ///< Of the container that has the name now; may be empty.
  SecretBuffer failed_logs;  ///< The last lines of the container that failed, as it wrote them: redact before showing.
};

/// Blocks, for as long as the waits of `subject` allow. A stop request undoes what nobody relies on yet, and finishes what
/// somebody does.
RotationResult run_rotation(const RotationTools& tools, const RotationSubject& subject, std::stop_token s);

}  // namespace dso
