// Which symbols a shared library shows to the process that loads it, as `nm -D --defined-only` prints them. Pure: reads bytes
// that may be anything, loads nothing.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dso {

/// In the file's order, together no longer than the file. Nothing: no 64-bit ELF of this machine's byte order, or one without a
/// readable table.
std::optional<std::vector<std::string>> exported_symbols(std::string_view file);

}  // namespace dso
