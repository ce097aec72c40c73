// The last good values again, in the scope where bad ones lie, for containers that did not take them.
#pragma once
#include <vector>

#include "agent/reload_target.h"

namespace dso {

/// The containers of a scope that it was delivered to, with how each is brought to other files: its own strategy where that is
/// done in place, else a restart; one that does not run, or is named in `dead`, by a restart. Those that do not run otherwise are
/// left out: their next start reads what is there.
Result<std::vector<ReloadTarget>> told_again(const ReloadTools& tools, const ScopeState& state, const std::string& dead,
                                             std::stop_token stop);

/// The files of the update before, if they are still there and nobody else delivered meanwhile. That `targets` are to be told of
/// them is recorded in the same step: whoever comes after a kill goes on with that.
bool restore_files(const ReloadTools& tools, const ScopeState& bad, const std::vector<ReloadTarget>& targets);

/// The same, or, after a rolling update, what the scope has that it came from; `bad` is held back from now on. What lies there
/// now. NotFound: nothing earlier is kept.
Result<ScopeState> take_back_files(const ReloadTools& tools, const ScopeState& bad, const std::vector<ReloadTarget>& targets);

/// Each of `targets` is told of the files that are there again (which is recorded already, by whoever brought them back), and the
/// log says so, with `keys` to be put right.
void tell_again(const ReloadTools& tools, const std::string& scope_id, const std::vector<SecretKey>& keys,
                const std::vector<ReloadTarget>& targets);

}  // namespace dso
