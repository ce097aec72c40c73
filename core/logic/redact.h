// Takes secret values out of foreign text (a container's log) before it is shown. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace dso {

/// Every occurrence of a value becomes "[secret]": as it is, each of its lines, JSON-escaped, percent-encoded, in hex and in
/// base64 (at any of the three alignments). Values shorter than 4 characters only where they stand as whole words.
std::string redact(std::string_view text, const std::vector<std::string_view>& values);

}  // namespace dso
