// Removes scopes that no container of the engine uses any more: their values leave the tmpfs, their names the state dir.
#pragma once
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"

namespace dso {

/// The scopes below `secrets_dir` that a container of any state mounts. Errors: the engine does not answer, or not for all.
Result<std::set<std::string>> scopes_in_use(const Engine& engine, const std::string& secrets_dir, const Deadline& deadline,
                                            std::stop_token stop);

/// Of these the ones that a container with a process has (running, paused, or between two starts of the engine's).
Result<std::set<std::string>> live_scopes(const Engine& engine, const std::string& secrets_dir, const Deadline& deadline,
                                          std::stop_token stop);

/// Wipes one scope if no container of any state uses it; waits up to 10 s for one that is being removed. Where the engine does
/// not answer gc_scopes does it later.
void drop_unused(const Engine& engine, TmpfsStore& store, const std::string& scope_id);

/// Removes what is not in use, is held by no process (delivery/scope_hold.h) and either is in `force` or was delivered more than
/// a minute before `now_ms` (Unix time). Returns the removed ids. The engine not answering removes nothing.
Result<std::vector<std::string>> gc_scopes(const Engine& engine, TmpfsStore& store, const std::set<std::string>& force,
                                           std::int64_t now_ms, const Deadline& deadline, std::stop_token stop);

}  // namespace dso
