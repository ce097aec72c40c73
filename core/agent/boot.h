// What the agent does before it watches: refills the tmpfs for the scopes it knows (after a host reboot it is empty), and finds
// containers that a stopped agent left with files newer than what they run.
#pragma once
#include <stop_token>

#include "agent/reloader.h"
#include "agent/sources.h"

namespace dso {

/// Scopes known on disk but absent on tmpfs, delivered within `budget` in all. What fails is logged and tried at each poll by
/// refill again. Returns how many are still missing.
int refill_scopes(Sources& sources, TmpfsStore& store, std::chrono::milliseconds budget, std::stop_token stop);

/// Asks the reloader for each scope with an opted-in, running container that has not been told of what lies in its scope.
Result<void> resume_unfinished(const Engine& engine, const TmpfsStore& store, Reloader& reloader, std::stop_token stop);

}  // namespace dso
