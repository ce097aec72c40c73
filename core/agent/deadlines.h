// How long the agent waits for others.
#pragma once
#include <chrono>

namespace dso {

/// For the engine, where somebody waits or the next round asks again.
inline constexpr std::chrono::seconds kEngineDeadline{15};
/// For the engine in the middle of what should not be left half done.
inline constexpr std::chrono::seconds kPatientEngineDeadline{30};
/// For the stores of one scope, together.
inline constexpr std::chrono::seconds kFetchDeadline{60};

}  // namespace dso
