// Why a signal does nothing. The kernel lets PID 1 of a container ignore every signal that it does not catch.
#include <algorithm>
#include <array>

#include "logic/doctor_containers.h"
#include "logic/doctor_row.h"

namespace dso {
namespace {

using enum DoctorLevel;

template <std::size_t N>
bool one_of(const std::string& name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

DoctorRows doctor_signal(const Config& config, const ContainerFacts& f) {
  // These catch nothing for themselves: they wait for signals and pass them on.
  constexpr std::array<std::string_view, 5> kInits{"tini", "docker-init", "dumb-init", "catatonit", "s6-svscan"};
  constexpr std::array<std::string_view, 7> kShells{"sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"};
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
  // blocked: it waits for it, as a signalfd or sigwait does
  const bool caught = ((p.caught | p.blocked) & bit) != 0;
  if (one_of(p.name, kShells) && !caught) {
    add_row(rows, error, "container.pid1", c.name,
            "PID 1 is the shell '" + p.name + "', which passes no " + choice->signal + " on to its program",
            "Start the program with `exec` in its script, write the image's CMD as a JSON list, or use the strategy restart.");
    return rows;
  }
  add_row(rows, ok, "container.pid1", c.name, "PID 1 is '" + p.name + "'");
  if (caught || one_of(p.name, kInits))
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
