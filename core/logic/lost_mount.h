// What a scope on a tmpfs that was lost knew, and the scope in its place is to know as well. Pure; delivery/take_over acts on it.
#pragma once
#include "model/delivery.h"

namespace dso {

/// `now` lies there already, its digests made with the same key. It keeps its values; from `lost` it learns who was told what,
/// what was refused, and since when a value that is the same is there: a container that has it is not told again.
void join_marks(const ScopeState& lost, ScopeState& now);

}  // namespace dso
