// How long a command waits for the engine.
#pragma once
#include <chrono>

namespace dso::cli {

/// One that changes something.
inline constexpr std::chrono::seconds kEngineTime{30};
/// One that only looks.
inline constexpr std::chrono::seconds kLookTime{15};

}  // namespace dso::cli
