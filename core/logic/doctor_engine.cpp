// The rows of section "engine".
#include "logic/doctor_engine.h"

#include "logic/doctor_row.h"

namespace dso {
namespace {

using enum DoctorLevel;

DoctorRow version_row(const EngineFacts& f) {
  const std::string is = "Docker " + f.version + ", API " + std::to_string(f.api.first) + "." + std::to_string(f.api.second);
  if (f.api >= std::pair{1, 44}) return doctor_row(ok, "engine.version", {}, is);
  return doctor_row(info, "engine.version", {},
                    is + ": without start_interval (API 1.44) its first healthcheck comes after a whole interval, so DSO probes "
                         "new containers itself; a fixed MAC address is not kept by a rolling update");
}

}  // namespace

DoctorRows engine_checks(const EngineFacts& f) {
  if (f.error) {
    const std::string& next = f.error->next;
    return {doctor_row(error, "engine.reach", f.socket, f.error->what + ": " + f.error->cause,
                       next.empty() ? "Is the engine running? Try 'docker version'." : next)};
  }
  return {doctor_row(ok, "engine.reach", f.socket, "it answers"), version_row(f)};
}

}  // namespace dso
