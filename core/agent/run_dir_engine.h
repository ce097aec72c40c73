// Whose containers the secrets in a run dir are: those of one engine. Another one knows none of them, so what it does not use
// would be wiped under containers that run.
#pragma once
#include <stop_token>

#include "base/deadline.h"
#include "base/result.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"

namespace dso {

/// From now on it is this engine's, if it was nobody's or has no scope. Config: it is another one's. What an engine does not say
/// of itself is no reason: whoever asks it next is told.
Result<void> claim_run_dir(const Engine& engine, const TmpfsStore& store, const Deadline& deadline, std::stop_token stop);

}  // namespace dso
