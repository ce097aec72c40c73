// What only the files of an image tell: which number a user has that is known by name (its own /etc/passwd is asked, as the
// engine does at the start), whether it has a shell. For that a container is made of the image, never started, and removed at
// once. Knows nothing of secrets.
#pragma once
#include <optional>
#include <string>

#include "docker/engine.h"

namespace dso {

/// On the host and in the container alike. `user`: "app" or "app:group". Nothing: the image has no such user, or this engine
/// gives users other numbers on the host (userns-remap, rootless).
Result<std::optional<std::uint32_t>> uid_of_named_user(const Engine& engine, const std::string& image, const std::string& user,
                                                       const Deadline& d, std::stop_token s = {});

/// /bin/sh is there.
Result<bool> has_shell(const Engine& engine, const std::string& image, const Deadline& d, std::stop_token s = {});

}  // namespace dso
