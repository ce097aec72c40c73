// By name for those that pass signals on, by the kernel's masks for all others.
#include "logic/signal_reach.h"

#include <algorithm>
#include <array>
#include <csignal>

namespace dso {
namespace {

constexpr std::array<std::string_view, 5> kInits{"tini", "docker-init", "dumb-init", "catatonit", "s6-svscan"};
constexpr std::array<std::string_view, 7> kShells{"sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"};

bool has(std::uint64_t mask, int number) {
  return number >= 1 && number <= 64 && (mask >> (number - 1) & 1) != 0;
}

/// What the kernel does with it where nobody catches it is nothing.
bool harmless(int number) {
  return number == SIGCHLD || number == SIGWINCH || number == SIGURG || number == SIGCONT;
}

}  // namespace

bool is_init(const std::string& program) {
  return std::find(kInits.begin(), kInits.end(), program) != kInits.end();
}

bool is_shell(const std::string& program) {
  return std::find(kShells.begin(), kShells.end(), program) != kShells.end();
}

bool handles(const ProcessSignals& process, int number) {
  return has(process.caught | process.blocked, number);
}

SignalReach signal_reach(const ContainerSignals& signals, int number) {
  const auto& [first, child] = signals;
  if (!first) return SignalReach::unknown;
  if (!is_init(first->name)) return handles(*first, number) ? SignalReach::handled : SignalReach::ignored;
  if (!child) return SignalReach::unknown;
  if (handles(*child, number)) return SignalReach::handled;
  return has(child->ignored, number) || harmless(number) ? SignalReach::ignored : SignalReach::ends_it;
}

}  // namespace dso
