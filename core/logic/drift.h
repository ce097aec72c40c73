// Whether the store has another version of a secret than the one that was delivered. Pure.
#pragma once
#include <string>

#include "base/result.h"
#include "model/delivery.h"

namespace dso {

enum class Drift {
  none,
  newer,    ///< The store has another version.
  unknown,  ///< The store did not answer, or has no versions.
};
Drift drift_of(const DeliveredSecret& delivered, const Result<std::string>& present);
/// "none", "the store has version 4", "unknown: AccessDenied".
std::string drift_text(const DeliveredSecret& delivered, const Result<std::string>& present);

}  // namespace dso
