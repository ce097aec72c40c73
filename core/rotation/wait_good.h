// Waits until a container that a rotation started is good: the engine's health events, and where the engine's first probe is far
// away, the same test run by DSO in between. Touches nothing else.
#pragma once
#include <stop_token>

#include "docker/engine.h"

namespace dso {

/// Errors as wait_healthy's. A container without healthcheck: running for `stabilization`.
Result<void> wait_good(const Engine& engine, const Container& container, std::chrono::milliseconds stabilization,
                       const Deadline& d, std::stop_token s);

/// The container's own healthcheck once, run now; nothing where it has none. Repeated until it is good or the deadline passes.
Result<void> probe_good(const Engine& engine, const Container& container, const Deadline& d, std::stop_token s);

}  // namespace dso
