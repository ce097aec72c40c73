// `dso rotate CONTAINER`: what may be asked for, and how it is told what came of it. The work is a reconciliation like any other.
#pragma once
#include <stop_token>
#include <string>

#include "agent/reconcile.h"

namespace dso {

struct RotationAsked {
  std::string name, scope_id;
};
/// NotFound: no such container, or DSO delivers nothing to it. InvalidRequest: it does not run, or did not opt in.
Result<RotationAsked> may_rotate(const ReloadTools& tools, const std::string& name, std::stop_token stop);

/// Pure. Errors: what the reconciliation failed with; Unhealthy where the container keeps the last good secret.
Result<std::string> rotation_told(const RotationAsked& asked, const ReconcileResult& result);

}  // namespace dso
