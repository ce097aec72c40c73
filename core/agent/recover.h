// Ends what a killed agent left in the middle of a rotation, by what the engine shows: candidates, containers set aside,
// redirects.
#pragma once
#include <stop_token>

#include "agent/reconcile.h"

namespace dso {

/// Safe to repeat: where nothing is left over nothing is done. No rotation may be under way here
/// meanwhile. Errors: the engine does not answer.
Result<void> recover_rotations(const ReloadTools& tools, std::stop_token stop);

}  // namespace dso
