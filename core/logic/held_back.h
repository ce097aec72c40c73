// Values that a scope gives no more until the store has others: they were rolled back, or taken back. Pure.
#pragma once
#include <vector>

#include "model/delivery.h"

namespace dso {

/// From now on `to` refuses what of `from` differs. Those secrets.
std::vector<SecretKey> hold_back(const ScopeState& from, ScopeState& to);

}  // namespace dso
