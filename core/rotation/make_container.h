// Creates the containers of a rotation from the one whose place they take. Starts nothing.
#pragma once
#include <stop_token>
#include <string>

#include "rotation/observe.h"

namespace dso {

/// The candidate (a stand-in where the flow is `relay`), not started. Its id.
Result<std::string> create_candidate(const RotationTools& tools, const RotationSubject& subject, const Container& service,
                                     const Deadline& d, std::stop_token s);
/// The final container under the service's name, or (`last_good`) the service again as it was.
Result<std::string> create_service(const RotationTools& tools, const RotationSubject& subject, const ObservedRotation& observed,
                                   bool last_good, const Deadline& d, std::stop_token s);

}  // namespace dso
