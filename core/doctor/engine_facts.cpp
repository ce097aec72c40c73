// The engine's own account of itself, by its API; and Docker's command line, by its folders of plugins.
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "base/clock.h"
#include "docker/redirect.h"
#include "doctor/topics.h"
#include "logic/doctor_engine.h"

namespace dso {
namespace {

/// Where `docker` looks for a plugin: "" if it is in none of them.
std::string cli_plugin(const std::string& name) {
  const char* config = std::getenv("DOCKER_CONFIG");
  const char* home = std::getenv("HOME");
  const std::string own = config && *config ? config : home ? std::string(home) + "/.docker" : std::string();
  for (const std::string& folder : {own + "/cli-plugins", std::string("/usr/local/lib/docker/cli-plugins"),
                                    std::string("/usr/local/libexec/docker/cli-plugins"),
                                    std::string("/usr/lib/docker/cli-plugins"), std::string("/usr/libexec/docker/cli-plugins")})
    if (std::string path = folder + "/" + name; access(path.c_str(), X_OK) == 0) return path;
  return {};
}

std::string real_path_or_none(const std::string& path) {
  char real[PATH_MAX];
  return realpath(path.c_str(), real) ? std::string(real) : std::string();
}

void ask_engine(const DoctorScene& scene, EngineFacts& f, const Deadline& d) {
  f.socket = scene.engine->socket_path();
  auto version = scene.engine->version(d, scene.stop);
  if (version.has_error()) {
    f.error = std::move(version).error();
    return;
  }
  f.version = version->version;
  if (const auto api = scene.engine->api_version(d, scene.stop); api.has_value()) f.api = *api;
  const std::int64_t before = unix_ms();
  if (const auto info = scene.engine->get("/info", "Failed to ask the engine for its settings", d, scene.stop);
      info.has_value()) {
    f.info = parse_engine_info({info->data(), info->size()});
    f.now_ms = before + (unix_ms() - before) / 2;
  }
}

}  // namespace

DoctorRows engine_rows(const DoctorScene& scene, const Deadline& d) {
  EngineFacts f;
  f.error = scene.engine_error;
  if (scene.engine) ask_engine(scene, f, d);
  f.root = geteuid() == 0;
  if (f.root) f.no_redirect = RedirectTable(scene.paths.state_dir).unavailable();
  f.cli_plugin = cli_plugin("docker-dso");
  f.cli_plugin_is_us = !f.cli_plugin.empty() && real_path_or_none(f.cli_plugin) == real_path_or_none("/proc/self/exe");
  f.compose = cli_plugin("docker-compose");
  return engine_checks(f);
}

}  // namespace dso
