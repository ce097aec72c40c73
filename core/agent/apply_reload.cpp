// pidfd for signals (the API takes 25 times as long), the engine for restarts.
#include "agent/apply_reload.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent/container_signals.h"
#include "agent/deadlines.h"
#include "agent/restart_dependents.h"
#include "base/crash_point.h"
#include "base/file.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "rotation/observe.h"
#include "rotation/wait_good.h"

namespace dso {
namespace {

constexpr std::size_t kMaxProcFile = 64 * 1024;

bool cgroup_names(std::int64_t pid, const std::string& container_id) {
  const auto text = read_text_file("/proc/" + std::to_string(pid) + "/cgroup", kMaxProcFile);
  return text.has_value() && text->find(container_id) != std::string::npos;
}

/// Straight to PID 1. The descriptor is opened first and the pid checked after: a pid that was given to another process since
/// the inspect is never signalled.
bool signal_by_pidfd(const Container& c, int number) {
  if (c.pid <= 0) return false;
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(c.pid), 0)));
  if (!pidfd || !cgroup_names(c.pid, c.id)) return false;
  crash_point("reload: before the signal");
  const bool sent = syscall(SYS_pidfd_send_signal, pidfd.get(), number, nullptr, 0) == 0;
  crash_point("reload: the signal is sent");
  return sent;
}

SignalReach reach_of(const Container& c, const std::string& signal) {
  if (c.pid <= 0 || !cgroup_names(c.pid, c.id)) return SignalReach::unknown;
  return signal_reach(signals_of(c), signal_number(signal));
}

Result<void> send_signal(const Engine& engine, const Container& c, const StrategyChoice& choice, std::stop_token stop) {
  const SignalReach reach = reach_of(c, choice.signal);
  const std::string cure = "Set the label dso.signal to the signal that it reloads at, or use the strategy restart.";
  if (reach == SignalReach::ends_it)
    return make_error(ErrorClass::invalid_request, "Cannot tell '" + c.name + "'",
                      "its program does not handle " + choice.signal + ", and would end by it", cure);
  if (reach == SignalReach::ignored)
    log::warn("Reloader",
              "The program of '" + c.name + "' does not handle " + choice.signal + ": nothing happens by it. " + cure);
  if (!signal_by_pidfd(c, signal_number(choice.signal))) {
    // No pidfd, another pid namespace (a remote or nested engine): the engine can do it.
    DSO_CHECK(engine.kill(c.id, choice.signal, Deadline::in(std::chrono::seconds(10)), stop));
  }
  log::info("Reloader", "Signal " + choice.signal + " sent to '" + c.name + "' (" + choice.reason + ")");
  return {};
}

/// Its own health, and then that of `dependents`.
Result<void> wait_whole(const Engine& engine, const Container& c, const std::vector<Dependent>& dependents,
                        const StrategyChoice& choice, std::stop_token stop) {
  DSO_CHECK(wait_good(engine, c, kStabilization, Deadline::in(choice.health_check_timeout), stop));
  log::info("Reloader", "Restarted '" + c.name + "', healthy");
  restart_dependents(engine, dependents, c.id, choice.health_check_timeout, std::move(stop));
  return {};
}

Result<void> restart(ContainerTies& ties, const Container& c, const StrategyChoice& choice, std::stop_token stop) {
  const auto dependents = dependents_to_restart(ties, c, stop);
  log::info("Reloader", "Restarting '" + c.name + "' with the new secret (" + choice.reason + ")");
  DSO_CHECK(restart_container(ties.engine(), c));
  crash_point("reload: restarted");
  return wait_whole(ties.engine(), c, dependents, choice, stop);
}

}  // namespace

Result<void> wait_restarted(ContainerTies& ties, const Container& c, const StrategyChoice& choice, std::stop_token stop) {
  return wait_whole(ties.engine(), c, dependents_to_restart(ties, c, stop), choice, stop);
}

std::string_view reload_word(Strategy s) {
  switch (s) {
    case Strategy::signal: return "Signal";
    case Strategy::restart: return "Restart";
    case Strategy::rolling: return "Rolling update";
    default: return "Update";
  }
}

Result<void> apply_reload(ContainerTies& ties, const Container& c, const StrategyChoice& choice, std::stop_token stop) {
  Result<void> done;
  if (choice.type == Strategy::signal) done = send_signal(ties.engine(), c, choice, stop);
  if (choice.type == Strategy::restart) done = restart(ties, c, choice, stop);
  if (choice.type == Strategy::none)
    log::info("Reloader", "Files of '" + c.name + "' updated, nothing else asked for (" + choice.reason + ")");
  if (done.has_error() && done.error().cls == ErrorClass::not_found) {
    log::info("Reloader", "'" + c.name + "' is gone, nothing to do for it");
    return {};
  }
  return done;
}

}  // namespace dso
