// The engine's own account of itself, by its API.
#include "doctor/topics.h"
#include "logic/doctor_engine.h"

namespace dso {

DoctorRows engine_rows(const DoctorScene& scene, const Deadline& d) {
  EngineFacts facts;
  if (!scene.engine) {
    facts.error = scene.engine_error;
    return engine_checks(facts);
  }
  facts.socket = scene.engine->socket_path();
  auto version = scene.engine->version(d, scene.stop);
  if (version.has_error()) {
    facts.error = version.error();
    return engine_checks(facts);
  }
  facts.version = version->version;
  if (const auto api = scene.engine->api_version(d, scene.stop); api.has_value()) facts.api = *api;
  return engine_checks(facts);
}

}  // namespace dso
