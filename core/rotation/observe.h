// Looks at the containers of one rotation and says what decides the next step. Reads only.
#pragma once
#include <optional>

#include "rotation/subject.h"

namespace dso {

struct ObservedRotation {
  std::optional<Container> service, candidate, old;
  RotationView view;
};

/// `memory`: its `redirected` is looked up where unset. `view.candidate` is filled only for a container that DSO made for this
/// service; one of a stranger with that name is left alone.
Result<ObservedRotation> observe_rotation(const RotationTools& tools, const RotationSubject& subject, RotationMemory& memory,
                                          const Deadline& d, std::stop_token s);

/// Whether `successor` answers to all names that `predecessor` has in its networks.
Result<bool> has_names(const RotationTools& tools, const std::string& predecessor, const std::string& successor,
                       const Deadline& d, std::stop_token s);

/// A container without healthcheck counts as good once it ran for so long.
inline constexpr std::chrono::milliseconds kStabilization{3000};

}  // namespace dso
