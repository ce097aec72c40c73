// A container as the engine shows it: what deciding and showing need, nothing more.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dso {

namespace label {
inline constexpr const char* kReloader = "dso.reloader";  ///< "true": opted in; without it a container is never touched.
inline constexpr const char* kSecrets = "dso.secrets";    ///< Comma-separated references.
inline constexpr const char* kStrategy = "dso.strategy";
inline constexpr const char* kSignal = "dso.signal";
inline constexpr const char* kScope = "dso.scope";  ///< Set by us: the scope mounted into this container.
inline constexpr const char* kComposeProject = "com.docker.compose.project";
inline constexpr const char* kComposeService = "com.docker.compose.service";
}  // namespace label

struct ContainerMount {
  std::string type;  ///< bind, volume, tmpfs
  std::string source;
  std::string destination;
  bool read_only = false;
};

struct Container {
  std::string id;
  std::string name;   ///< Without the leading '/'.
  std::string image;  ///< As asked for.
  std::string image_id;
  std::map<std::string, std::string> labels;
  std::string state;   ///< created, running, paused, restarting, exited, dead
  std::string health;  ///< "" without healthcheck, else starting, healthy, unhealthy
  std::int64_t pid = 0;
  std::int64_t started_at_ms = 0;
  int exit_code = 0;
  std::string user;
  std::vector<std::string> entrypoint, command;
  std::string network_mode;
  std::vector<ContainerMount> mounts;

  std::string label_or(const std::string& key, std::string fallback = {}) const {
    auto it = labels.find(key);
    return it == labels.end() ? std::move(fallback) : it->second;
  }
  bool opted_in() const { return label_or(label::kReloader) == "true"; }
};

/// What an image says about how its containers start.
struct ImageConfig {
  std::string id;
  std::string user;
  std::vector<std::string> entrypoint, command;
};

}  // namespace dso
