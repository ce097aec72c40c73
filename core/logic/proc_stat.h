// What /proc/<pid>/stat says of a process. Pure: the text comes from the caller.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace dso {

/// Field 22: when the process was made, in clock ticks since the host started. Its name (field 2) is its own to choose, with
/// spaces, brackets and all, and fools nobody here.
std::optional<std::int64_t> parse_start_ticks(std::string_view stat);

}  // namespace dso
