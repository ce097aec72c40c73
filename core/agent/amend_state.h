// Changes what is recorded of a scope while others may write it: read, changed and saved under its lock, so that nobody's marks
// are lost and no lock is held while an engine is waited for.
#pragma once
#include <functional>
#include <string>

#include "delivery/tmpfs_store.h"

namespace dso {

/// NotFound: the scope is gone, and nothing was to be recorded. Any thread.
Result<void> amend_state(TmpfsStore& store, const std::string& scope_id, const std::function<void(ScopeState&)>& change);

/// The same where a lost mark is worth a warning, not a rotation: what is not recorded is told once more.
void record_state(TmpfsStore& store, const std::string& scope_id, const std::function<void(ScopeState&)>& change);

/// What a container was told: all that `told` has. Pure.
void mark_told(ScopeState& state, const std::string& container_id, const ScopeState& told, const std::string& how);

}  // namespace dso
