// The rows of section "agent".
#include "logic/doctor_agent.h"

#include "logic/doctor_row.h"
#include "logic/text.h"

namespace dso {
namespace {

using enum DoctorLevel;
using State = SocketFacts::State;

bool runs(const AgentFacts& f) {
  return f.control.state == State::answers;
}

DoctorRow socket_row(const AgentFacts& f) {
  constexpr std::string_view kCheck = "agent.socket";
  const std::string start = f.unit && f.unit->load == "loaded" ? "Start it: systemctl start dso-agent" : "Start it: dso agent";
  const DoctorLevel level = f.opted_in.value_or(0) > 0 ? error : info;
  const std::string who = f.opted_in.value_or(0) > 0
                              ? ": " + std::to_string(*f.opted_in) + " container(s) with dso.reloader=true keep what they have"
                              : "";
  switch (f.control.state) {
    case State::answers: return doctor_row(ok, kCheck, f.control.path, "the agent answers");
    case State::denied:
      return doctor_row(info, kCheck, f.control.path, "this user may not ask the agent; root and the group dso may");
    case State::silent:
      return doctor_row(error, kCheck, f.control.path, "the agent does not answer in time",
                        "See its log, then restart it: journalctl -u dso-agent; systemctl restart dso-agent.");
    case State::dead:
      return doctor_row(level == error ? error : warn, kCheck, f.control.path, "left by an agent that ended" + who,
                        start + "; it takes the socket's place.", "dead-socket");
    default: return doctor_row(level, kCheck, f.control.path, "no agent runs" + who, level == error ? start + "." : "");
  }
}

DoctorRow plugin_row(const AgentFacts& f) {
  constexpr std::string_view kCheck = "agent.plugin_socket";
  switch (f.plugin.state) {
    case State::answers: return doctor_row(ok, kCheck, f.plugin.path, "it answers the engine");
    case State::denied: return doctor_row(info, kCheck, f.plugin.path, "it is there; only root may ask it");
    case State::absent:
      if (runs(f))
        return doctor_row(warn, kCheck, f.plugin.path,
                          "not there, though the agent runs: the engine finds no secret driver and no volume driver of DSO",
                          "See why: dso logs. Then restart the agent.");
      return doctor_row(info, kCheck, f.plugin.path, "not there: the agent makes it");
    default:
      return doctor_row(
          error, kCheck, f.plugin.path,
          f.plugin.state == State::dead
              ? "nobody serves it: the engine waits 15 s for every name that it does not know"
              : "it does not answer /Plugin.Activate: the engine waits for it at every name that it does not know",
          f.plugin.state == State::dead ? "Start the agent, or remove it: rm " + f.plugin.path : "Restart the agent.",
          f.plugin.state == State::dead ? "dead-socket" : "");
  }
}

DoctorRow read_row(const AgentFacts& f) {
  constexpr std::string_view kCheck = "agent.read_socket";
  if (f.read.state == State::answers)
    return doctor_row(ok, kCheck, f.read.path, "containers that mount it can read their secrets");
  if (f.read.state == State::denied) return doctor_row(info, kCheck, f.read.path, "this user may not ask it");
  return doctor_row(warn, kCheck, f.read.path, "nobody serves it, though the agent runs",
                    "See why: dso logs. Then restart the agent.");
}

DoctorRow config_row(const AgentFacts& f) {
  constexpr std::string_view kCheck = "agent.config";
  const auto name = [](const std::string& file) { return file.empty() ? std::string("the built-in defaults") : file; };
  if (*f.config != f.our_config)
    return doctor_row(f.config->starts_with('/') || f.config->empty() ? warn : info, kCheck, {},
                      "the agent has " + name(*f.config) + ", this command " + name(f.our_config),
                      "Look at the agent's with -c FILE, or restart the agent with this one.");
  if (f.config_changed)
    return doctor_row(warn, kCheck, f.our_config, "it was changed after the agent read it",
                      "Have it read it anew: systemctl reload dso-agent, or dso agent --reload.");
  return doctor_row(ok, kCheck, {}, "the agent has " + name(f.our_config) + " too");
}

DoctorRow unit_row(const AgentFacts& f) {
  constexpr std::string_view kCheck = "agent.unit";
  if (!f.unit) return doctor_row(info, kCheck, {}, "systemd does not run here");
  const UnitFacts& u = *f.unit;
  if (u.load != "loaded") return doctor_row(info, kCheck, "dso-agent", "systemd has no such unit");
  if (u.active == "failed")
    return doctor_row(error, kCheck, "dso-agent", "failed (" + u.result + ")",
                      "See why: journalctl -u dso-agent -n 50. Then: systemctl restart dso-agent.");
  if (u.active != "active")
    return doctor_row(runs(f) ? info : warn, kCheck, "dso-agent",
                      u.active + (runs(f) ? ": the agent that runs was started otherwise" : ""),
                      runs(f) ? "" : "systemctl enable --now dso-agent");
  if (u.enabled == "disabled")
    return doctor_row(warn, kCheck, "dso-agent", "active, but it does not start with the host", "systemctl enable dso-agent");
  return doctor_row(ok, kCheck, "dso-agent", u.active + " (" + u.sub + ")");
}

/// An agent under its unit has no other way to a store.
std::optional<DoctorRow> dialer_row(const AgentFacts& f) {
  if (!f.unit || f.unit->active != "active" || !f.dialer || f.dialer->load != "loaded") return std::nullopt;
  const UnitFacts& u = *f.dialer;
  if (u.active == "active") return doctor_row(ok, "agent.unit", "dso-dialer.socket", u.active + " (" + u.sub + ")");
  return doctor_row(error, "agent.unit", "dso-dialer.socket", u.active + ": the agent reaches no store but the local one",
                    "systemctl start dso-dialer.socket");
}

bool is_level(std::string_view line, std::string_view level) {
  return line.starts_with(std::string(level) + ": ") ||
         line.find("\"level\":\"" + std::string(level) + '"') != std::string_view::npos;
}

DoctorRow log_row(const std::vector<std::string>& lines) {
  std::size_t errors = 0, warnings = 0;
  std::string last;
  for (const std::string& line : lines) {
    const bool is_error = is_level(line, "ERROR"), is_warning = is_level(line, "WARN");
    errors += is_error;
    warnings += is_warning;
    if (is_error || is_warning) last = line;
  }
  const std::string of = " of its last " + std::to_string(lines.size()) + " lines";
  if (last.empty()) return doctor_row(ok, "agent.log", {}, "no error and no warning in" + of.substr(3));
  return doctor_row(warn, "agent.log", {},
                    std::to_string(errors) + " errors and " + std::to_string(warnings) + " warnings" + of +
                        ", the newest: " + printable(last, 400),
                    "Read them: dso logs");
}

}  // namespace

UnitFacts parse_unit(std::string_view show) {
  const auto value = [&](std::string_view key) {
    for (std::size_t at = 0; at < show.size();) {
      const std::string_view line = show.substr(at, show.find('\n', at) - at);
      if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == '=')
        return std::string(line.substr(key.size() + 1));
      at += line.size() + 1;
    }
    return std::string();
  };
  return {value("LoadState"), value("ActiveState"), value("SubState"), value("Result"), value("UnitFileState")};
}

DoctorRows agent_checks(const AgentFacts& f) {
  DoctorRows rows{socket_row(f)};
  if (runs(f)) {
    if (f.version == f.our_version)
      rows.push_back(doctor_row(ok, "agent.version", {}, "the agent is this version, " + f.our_version));
    else
      rows.push_back(
          doctor_row(warn, "agent.version", {},
                     "the agent is " + (f.version.empty() ? "an older version" : f.version) + ", this command " + f.our_version,
                     "Restart the agent: systemctl restart dso-agent. No container notices."));
    if (f.config) rows.push_back(config_row(f));
    rows.push_back(read_row(f));
  }
  if (!f.plugin.path.empty()) rows.push_back(plugin_row(f));
  for (const auto& [name, enabled] : f.managed)
    rows.push_back(enabled && f.plugin.state == State::answers
                       ? doctor_row(warn, "agent.plugin_form", name,
                                    "a managed plugin is enabled beside the socket: two agents answer the engine",
                                    "Keep one: docker plugin disable " + name)
                       : doctor_row(enabled ? ok : info, "agent.plugin_form", name,
                                    enabled ? "a managed plugin, enabled" : "a managed plugin, disabled"));
  if (f.managed.empty() && f.plugin.state == State::answers)
    rows.push_back(doctor_row(ok, "agent.plugin_form", {}, "the engine finds DSO by its socket; there is no managed plugin"));
  rows.push_back(unit_row(f));
  if (auto row = dialer_row(f)) rows.push_back(std::move(*row));
  if (f.log) rows.push_back(log_row(*f.log));
  return rows;
}

}  // namespace dso
