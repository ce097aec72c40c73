// `dso doctor`: gathers facts of this host, the engine, the agent, the stores and the containers, and has core/logic/doctor_*
// judge them. Looks only (doctor_fix.h repairs); works without root, agent, engine and config, and says what it could not see.
#pragma once
#include <boost/json/object.hpp>
#include <future>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/load_config.h"
#include "agent/paths.h"
#include "docker/engine.h"
#include "model/doctor.h"

namespace dso {

/// What every topic starts from; each asks for the rest itself.
struct DoctorScene {
  Paths paths;
  std::string version;                ///< Of this binary.
  LoadedConfig config;                ///< The built-in defaults where it could not be read, or is not obeyed.
  std::optional<Error> config_error;  ///< Why not.
  std::optional<Engine> engine;       ///< Not connected yet.
  std::optional<Error> engine_error;  ///< The engine is none that DSO can use.
  std::stop_token stop;
  /// What the agent says of itself; the first topic that wants it asks.
  std::shared_future<Result<boost::json::object>> agent;
};

/// `config_path`: -c, or empty. Nothing here is an error: what is wrong becomes a row.
DoctorScene doctor_scene(const std::string& config_path, const Paths& paths, std::string version, std::stop_token stop);

/// The rows of the sections and checks that are asked for ("host", "host.swap"; none: all), grouped by section. Topics run side
/// by side, each with its deadline; one that fails becomes a row and leaves the others alone.
DoctorRows run_doctor(const DoctorScene& scene, const std::vector<std::string>& wanted);

}  // namespace dso
