// The compose file that `dso up` adds behind the user's own: only what delivery changes, only for services that it touches. Pure.
// It may hold values where a variable is wanted visible, hence the buffer.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret_bytes.h"
#include "logic/container_spec.h"
#include "model/delivery.h"

namespace dso {

struct ServiceOverride {
  std::string name;
  std::vector<std::string> reset;  ///< Variables that the container's own config shall not have: dso-init sets them.
  /// The same, but an env_file would bring the literal back: these are set to "" instead.
  std::vector<std::string> blank;
  std::vector<std::pair<std::string, std::string>> set;           ///< Variable and path of a delivered file.
  std::vector<std::pair<std::string, std::string_view>> visible;  ///< Variable and value, borrowed.
  std::optional<StartCommand> start;                              ///< With dso-init in front.
  std::vector<std::string> health_test;                           ///< Empty: left alone.
  std::vector<ScopeMount> mounts;                                 ///< Read-only.
  std::map<std::string, std::string> labels;
};

/// YAML for `docker compose -f … -f -`. Every text is quoted, every '$' doubled.
SecretBuffer compose_override(const std::vector<ServiceOverride>& services);

/// A healthcheck's test through dso-init, so that it sees the variables too; what runs nothing comes back unchanged. `shell`: the
/// image's SHELL; empty: /bin/sh -c.
std::vector<std::string> shimmed_health_test(const std::vector<std::string>& test, const std::vector<std::string>& shell = {});
/// The same for `docker run --health-cmd`, which gives it to a shell; "": nothing is to be said.
std::string shimmed_health_command(const std::vector<std::string>& test, const std::vector<std::string>& shell);

}  // namespace dso
