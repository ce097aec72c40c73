// The rows of section "engine".
#include "logic/doctor_engine.h"

#include <boost/json/parse.hpp>
#include <cstdlib>

#include "logic/docker_json.h"
#include "logic/doctor_row.h"
#include "logic/json_reader.h"

namespace dso {
namespace {

using enum DoctorLevel;

/// Of the clocks of two processes on one host; more is a host that is not this one, or a clock that was just set.
constexpr std::int64_t kSkewMs = 5000;

DoctorRow version_row(const EngineFacts& f) {
  const std::string is = "Docker " + f.version + ", API " + std::to_string(f.api.first) + "." + std::to_string(f.api.second);
  if (f.api >= std::pair{1, 44}) return doctor_row(ok, "engine.version", {}, is);
  return doctor_row(info, "engine.version", {},
                    is +
                        ": before API 1.44 a first healthcheck comes after a whole interval (there is no start_interval), so DSO "
                        "probes new containers itself");
}

DoctorRow namespaces_row(const EngineInfo& i) {
  for (const std::string& option : i.security)
    if (option == "name=rootless" || option == "name=userns")
      return doctor_row(info, "engine.namespaces", {},
                        option == "name=userns" ? "containers run in user namespaces: uid and gid of a delivered file are the "
                                                  "host's, so give those that the container's user is mapped to"
                                                : "it runs rootless, in namespaces of its own: DSO cannot redirect its published "
                                                  "ports, and its agent must run as the same user");
  return doctor_row(ok, "engine.namespaces", {}, "neither rootless nor user namespaces");
}

DoctorRow live_restore_row(const EngineInfo& i) {
  if (i.live_restore) return doctor_row(ok, "engine.live_restore", {}, "containers go on when the engine is restarted");
  return doctor_row(info, "engine.live_restore", {},
                    "off: a restart of the engine stops every container (live-restore in daemon.json)");
}

DoctorRow clock_row(const EngineFacts& f) {
  const std::int64_t skew = f.info->time_ms - f.now_ms;
  const std::string seconds = std::to_string(std::abs(skew) / 1000) + " s";
  if (f.info->time_ms == 0) return doctor_row(info, "engine.clock", {}, "it does not tell its time");
  if (std::abs(skew) <= kSkewMs) return doctor_row(ok, "engine.clock", {}, "as ours");
  return doctor_row(
      warn, "engine.clock", {}, "it is " + seconds + (skew > 0 ? " ahead" : " behind"),
      "Ages of containers and leases will be wrong: is the engine on this host? Set the clock: timedatectl set-ntp true.");
}

DoctorRow redirect_row(const EngineFacts& f) {
  if (!f.root) return doctor_row(info, "engine.redirect", {}, "only root can ask the packet filter", {});
  if (f.no_redirect.empty()) return doctor_row(ok, "engine.redirect", {}, "connections to published ports can be redirected");
  return doctor_row(warn, "engine.redirect", {},
                    f.no_redirect + ": rolling updates of containers with published ports fail, and keep the last good secret",
                    "Install nftables, or give those containers the strategy restart, signal or none.");
}

}  // namespace

EngineInfo parse_engine_info(std::string_view json) {
  boost::system::error_code ec;
  const boost::json::value root = boost::json::parse(json, ec);
  std::optional<Error> error;
  const JsonReader r(ec ? nullptr : root.if_object(), {}, error);
  EngineInfo out;
  out.security = r.texts("SecurityOptions");
  out.live_restore = r.boolean("LiveRestoreEnabled", false);
  out.time_ms = parse_rfc3339_ms(r.text("SystemTime")).value_or(0);
  return out;
}

DoctorRows engine_checks(const EngineFacts& f) {
  DoctorRows rows;
  if (f.error) {
    rows.push_back(doctor_row(error, "engine.reach", f.socket, f.error->what + ": " + f.error->cause,
                              f.error->next.empty() ? "Is the engine running? Try 'docker version'." : f.error->next));
  } else {
    rows = {doctor_row(ok, "engine.reach", f.socket, "it answers"), version_row(f)};
    if (f.info)
      for (DoctorRow row : {namespaces_row(*f.info), live_restore_row(*f.info), clock_row(f)}) rows.push_back(std::move(row));
  }
  rows.push_back(redirect_row(f));
  if (f.cli_plugin.empty())
    rows.push_back(doctor_row(info, "engine.cli_plugin", {}, "none: `docker dso` is unknown; `dso` does the same"));
  else if (f.cli_plugin_is_us)
    rows.push_back(doctor_row(ok, "engine.cli_plugin", f.cli_plugin, "`docker dso` is this program"));
  else
    rows.push_back(doctor_row(warn, "engine.cli_plugin", f.cli_plugin, "`docker dso` is another program than this one",
                              "Link it to this one, or remove it."));
  rows.push_back(f.compose.empty() ? doctor_row(info, "engine.compose", {}, "Docker Compose is not installed: `dso up` needs it")
                                   : doctor_row(ok, "engine.compose", f.compose, "`dso up` has it"));
  return rows;
}

}  // namespace dso
