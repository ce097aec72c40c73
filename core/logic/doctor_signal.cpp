// Why a signal does nothing. The kernel lets PID 1 of a container ignore every signal that it does not catch.
#include "logic/doctor_containers.h"
#include "logic/doctor_row.h"
#include "logic/signal_reach.h"

namespace dso {
namespace {

using enum DoctorLevel;

}  // namespace

DoctorRows doctor_signal(const Config& config, const ContainerFacts& f) {
  DoctorRows rows;
  const auto choice = strategy_of(config, f);
  const Container& c = f.container;
  if (!choice || choice->type != Strategy::signal || !choice->refusal.empty() || c.state != "running") return rows;
  if (!f.process) {
    add_row(rows, info, "container.signal", c.name, "its PID 1 is not to be seen from here");
    return rows;
  }
  const ProcessSignals& p = *f.process;
  const std::uint64_t bit = std::uint64_t{1} << (signal_number(choice->signal) - 1);
  const bool caught = handles(p, signal_number(choice->signal));
  if (is_shell(p.name) && !caught) {
    add_row(rows, error, "container.pid1", c.name,
            "PID 1 is the shell '" + p.name + "', which passes no " + choice->signal + " on to its program",
            "Start the program with `exec` in its script, write the image's CMD as a JSON list, or use the strategy restart.");
    return rows;
  }
  add_row(rows, ok, "container.pid1", c.name, "PID 1 is '" + p.name + "'");
  if (signal_reach({f.process, f.child}, signal_number(choice->signal)) == SignalReach::ends_it) {
    add_row(
        rows, error, "container.signal", c.name,
        "its program '" + f.child->name + "' does not catch " + choice->signal + " and would end by it: it is not sent",
        "Set the label dso.signal (or reload_strategy.signal) to the signal that it reloads at, or use the strategy restart.");
    return rows;
  }
  if (caught || is_init(p.name))
    add_row(rows, ok, "container.signal", c.name,
            caught ? "it catches " + choice->signal : "it passes " + choice->signal + " on");
  else
    add_row(
        rows, error, "container.signal", c.name,
        std::string("it ") + ((p.ignored & bit) ? "ignores " : "does not catch ") + choice->signal +
            ": nothing happens when it comes",
        "Set the label dso.signal (or reload_strategy.signal) to the signal that it reloads at, or use the strategy restart.");
  return rows;
}

}  // namespace dso
