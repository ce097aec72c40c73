// `dso rotate CONTAINER`: what may be asked for, and how it is told what came of it. The work is a reconciliation like any other.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "agent/reconcile.h"

namespace dso {

struct RotationAsked {
  std::string name;
  std::vector<std::string> scope_ids;  ///< Its own, if it opted in, and those of its volumes.
};
/// NotFound: no such container, or DSO delivers nothing to it. InvalidRequest: it does not run, or did not opt in and has no
/// volume.
Result<RotationAsked> may_rotate(const ReloadTools& tools, const std::string& name, std::stop_token stop);

/// Pure. Of one scope; empty: it has what the stores have. Errors: what the reconciliation failed with; Unhealthy where the
/// container keeps the last good secret.
Result<std::string> rotation_told(const std::string& name, const ReconcileResult& result);

}  // namespace dso
