// dso-init, the static program that sets a container's environment from its scope and becomes the original process.
// It is carried inside our binary and laid out under the state dir (not on /run, which many hosts mount noexec).
#pragma once
#include <string>

#include "base/result.h"
#include "model/container.h"

namespace dso {

inline constexpr const char* kShimInContainer = "/run/dso/init";
inline constexpr const char* kEnvFolderInContainer = "/run/dso/env";  ///< Holds the file "env": NAME=value\0 records.

/// The host path of dso-init (0555, content-addressed: an upgrade never changes a running container's file).
Result<std::string> install_env_shim(const std::string& state_dir);

/// Variables are delivered to it.
bool has_env_shim(const Container& container);

}  // namespace dso
