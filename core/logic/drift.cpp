// By the store's own versions: values are not compared here.
#include "logic/drift.h"

namespace dso {

Drift drift_of(const DeliveredSecret& delivered, const Result<std::string>& present) {
  if (present.has_error() || present->empty() || delivered.version.empty()) return Drift::unknown;
  return *present == delivered.version ? Drift::none : Drift::newer;
}

std::string drift_text(const DeliveredSecret& delivered, const Result<std::string>& present) {
  switch (drift_of(delivered, present)) {
    case Drift::none: return "none";
    case Drift::newer: return "the store has version " + *present;
    case Drift::unknown: break;
  }
  return "unknown: " +
         (present.has_error() ? std::string(class_name(present.error().cls)) : std::string("the store has no versions"));
}

}  // namespace dso
