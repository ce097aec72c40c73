// Whether a signal to a container tells its program anything: the kernel lets PID 1 ignore every signal that it does not catch,
// an init passes signals on, and what does not catch one that is passed on ends by it. Pure; the reloader and doctor ask it.
#pragma once
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

/// `first`: PID 1; `child`: what an init runs. Null: not to be seen.
SignalReach signal_reach(const ProcessSignals* first, const ProcessSignals* child, int number);

}  // namespace dso
