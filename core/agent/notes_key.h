// By what the notes of a rotation are believed on this host: the key in the state folder, and what a version without one has
// left.
#pragma once
#include <stop_token>

#include "base/deadline.h"
#include "base/result.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"

namespace dso {

/// Has `engine` believe the notes of this host. After an upgrade from a version without a key, those containers that DSO made in
/// a rotation which has not ended (they mount a scope of ours, and their image knows nothing of it) are believed by their ids
/// from then on, so that it ends. Safe to repeat. Errors: the engine, the state folder.
Result<void> trust_notes(const Engine& engine, const RunPaths& paths, const Deadline& deadline, std::stop_token stop);

}  // namespace dso
