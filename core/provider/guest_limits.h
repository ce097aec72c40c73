// What a provider's process may take for itself. For core/provider/*.cpp only.
#pragma once
#include <chrono>
#include <optional>
#include <string>

namespace dso {

/// Threads of one process, the kernel's limit where it has a user of its own.
inline constexpr int kGuestThreads = 32;

/// What a process did while nobody asked it anything.
struct IdleGuest {
  std::chrono::milliseconds cpu{0};   ///< Time on a processor, all threads together.
  std::chrono::milliseconds wall{0};  ///< Since its last call ended.
  int threads = 1;
};

/// Why it must not go on like that, for people ("it …"); nothing: it may. A provider may do nothing but answer, so what it
/// computes otherwise is a hundredth of the time at most, with half a second for what a call leaves to be done.
std::optional<std::string> why_not_idle(const IdleGuest& guest);

}  // namespace dso
