// Whether a signal to a container tells its program anything: the kernel lets PID 1 ignore every signal that it does not catch,
// an init passes signals on, and what does not catch one that is passed on ends by it. Pure; the reloader and doctor ask it.
#pragma once
#include <optional>
#include <string>

#include "logic/proc_status.h"

namespace dso {

enum class SignalReach {
  handled,  ///< It is caught, or waited for.
  ignored,  ///< Nothing would happen.
  ends_it,  ///< The program would end.
  unknown,  ///< The processes are not to be seen from here.
};

/// They catch nothing for themselves: they wait for signals and pass them on ("tini", "docker-init").
bool is_init(const std::string& program);
bool is_shell(const std::string& program);
/// It catches the signal `number`, or waits for it, as a signalfd or sigwait does.
bool handles(const ProcessSignals& process, int number);

/// Of a container; nothing: not to be seen.
struct ContainerSignals {
  std::optional<ProcessSignals> first, child;  ///< PID 1, and the first process that it started: what an init runs.
};
SignalReach signal_reach(const ContainerSignals& signals, int number);

}  // namespace dso
