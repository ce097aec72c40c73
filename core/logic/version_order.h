// Which of two versions is the older, as Semantic Versioning 2.0 has it (and 1.2 is 1.2.0). Pure.
#pragma once
#include <compare>
#include <optional>
#include <string_view>

namespace dso {

/// Of "1.2.3", "1.2.3-rc.1+build": the order of precedence; what stands behind '+' does not count. Nothing where one of them is
/// no such version, and they are not the same text.
std::optional<std::strong_ordering> compare_versions(std::string_view a, std::string_view b);

}  // namespace dso
