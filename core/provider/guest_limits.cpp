// What is too much for a guest.
#include "provider/guest_limits.h"

namespace dso {
namespace {

constexpr std::chrono::milliseconds kAfterACall{500};
constexpr int kShare = 100;

}  // namespace

std::optional<std::string> why_not_idle(const IdleGuest& guest) {
  if (guest.threads > kGuestThreads)
    return "it has " + std::to_string(guest.threads) + " threads, and may have " + std::to_string(kGuestThreads);
  if (guest.cpu <= kAfterACall + guest.wall / kShare) return std::nullopt;
  return "it computed for " + std::to_string(guest.cpu.count()) + " ms within " + std::to_string(guest.wall.count()) +
         " ms in which nobody asked it anything";
}

}  // namespace dso
