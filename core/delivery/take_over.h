// After the tmpfs of secrets was lost under an agent that lives: what lay on it, written to the one that is there now. The agent
// holds its folder open, and that can be read though nobody else finds it any more.
#pragma once
#include <vector>

#include "base/result.h"
#include "delivery/tmpfs_store.h"

namespace dso::delivery {

/// Takes over the key of digests and every scope: values, the generation before, states with all marks. What lies there already
/// (somebody delivered meanwhile) keeps its values and learns the marks. Gives back the states of scopes whose values are not
/// kept, or for which there is no room: they have to come from their stores. `lost` is a descriptor of the folder. Safe to
/// repeat.
std::vector<ScopeState> take_over(int lost, TmpfsStore& store);

}  // namespace dso::delivery
