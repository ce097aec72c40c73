// The engine's log format: without a terminal, stdout and stderr come in frames of one stream. Pure.
#pragma once
#include <string_view>

#include "base/secret_bytes.h"

namespace dso {

/// The text of both streams in order. What does not look like frames from first to last is a terminal's output: as it is. In
/// wiping memory: a program may print its secrets.
SecretBuffer demultiplex_logs(std::string_view bytes);

}  // namespace dso
