// Whether a Swarm's service has come to the stores' versions, from the cluster alone: the stores were asked before. Pure.
#pragma once
#include "base/result.h"
#include "logic/swarm_plan.h"

namespace dso {

/// Every task of a service has the versions of `wish`; false: not yet. An error: it will not come to that by itself, and why.
Result<bool> has_versions(const SwarmView& view, const SwarmService& service, const SwarmWish& wish);

}  // namespace dso
