// A command that delivers before its container is there says so for as long as it lives: housekeeping leaves its scope alone,
// however long a pull or a build takes. Nothing to clean up after a kill: the kernel ends the hold with its last process.
#pragma once
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "delivery/tmpfs_store.h"

namespace dso {

/// Taken before the first write of the scope, without its lock; several processes may hold one scope. Lasts until the descriptor
/// is closed in every process that has it: the `docker` that a command runs inherits it, and goes on when the command is killed.
/// Waits for a removal that is under way, for nothing else. Errors: the lock file cannot be made (Io).
Result<UniqueFd> hold_scope(const TmpfsStore& store, const std::string& scope_id);

/// For who wants to remove the scope: nothing if a process holds it. Else a claim, to be kept until the scope is removed: who
/// comes meanwhile waits, and finds that it is gone. Never waits. Errors: the lock file cannot be made (Io).
Result<std::optional<UniqueFd>> claim_unheld(const TmpfsStore& store, const std::string& scope_id);

/// The file that both lock; it goes with the scope (TmpfsStore::remove).
std::string hold_path(const RunPaths& paths, const std::string& scope_id);

}  // namespace dso
