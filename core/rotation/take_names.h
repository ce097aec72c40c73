// Gives a healthy container the names of the service in its networks, and traffic to it: by name and by redirect.
#pragma once
#include <stop_token>

#include "rotation/observe.h"

namespace dso {

/// Connects `successor` anew, with the aliases of `predecessor`, to each network where it lacks some; then its healthcheck must
/// succeed again, since its own connections were cut.
Result<void> take_names(const RotationTools& tools, const Container& predecessor, const Container& successor, const Deadline& d,
                        std::stop_token s);

/// New connections for `from` go to `to`: its published ports and its addresses. False: there is none of them that can be
/// redirected.
Result<bool> redirect_on(const RotationTools& tools, const RotationSubject& subject, const Container& from, const Container& to,
                         const Deadline& d, std::stop_token s);

/// `from` has stopped, and its address may soon be another container's: what is redirected are its published ports alone. False:
/// it has none, and nothing is redirected any more. `from` as it was when it ran.
Result<bool> redirect_ports_only(const RotationTools& tools, const RotationSubject& subject, const Container& from,
                                 const Container& to, const Deadline& d, std::stop_token s);

}  // namespace dso
