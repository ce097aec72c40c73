// What a container starts with, and the same with dso-init in front. Pure: values to values, by Docker's own rules.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/container.h"

namespace dso {

/// delivery/env_shim.h says the same; the arrow does not let us include it.
inline constexpr const char* kShim = "/run/dso/init";

/// An engine's two halves of an argument list: `entrypoint` then `command` is what runs.
struct StartCommand {
  std::vector<std::string> entrypoint, command;
  bool operator==(const StartCommand&) const = default;
};

/// By Docker's rules: an entrypoint given by the user clears the image's command; a command given by the user replaces the
/// image's, an empty one counts as none. [""] takes the image's entrypoint and command away, as `--entrypoint ""` does; []
/// takes only the entrypoint, as `entrypoint: []` in a compose file does.
StartCommand effective_start(const ImageConfig& image, const std::optional<std::vector<std::string>>& user_entrypoint,
                             const std::optional<std::vector<std::string>>& user_command);

/// entrypoint = ["/run/dso/init", …entrypoint], command as it was; one that has the shim already comes back unchanged.
/// InvalidRequest when there is nothing to start.
Result<StartCommand> with_shim(const StartCommand& start);

/// True if dso-init is in front.
bool has_shim(const StartCommand& start);
/// Takes dso-init away again, for showing and for clones.
StartCommand without_shim(const StartCommand& start);

}  // namespace dso
