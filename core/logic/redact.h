// Takes secret values out of foreign text (a container's log) before it is shown. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace dso {

/// What is looked through of a text: its end; and of values: all together.
inline constexpr std::size_t kRedactedText = 16 * 1024, kRedactedValues = 256 * 1024;
/// What stands for a part that is not shown.
inline constexpr std::string_view kHiddenPart = "[secret]";

/// Nothing is shown that has six characters in a row in common with a value, whole or cut, whatever the letters' case: as it is,
/// with colours, spaces or line breaks in it, in hexadecimal, base64 or numbers, percent-encoded, escaped; nor with what a value
/// says once it is itself decoded. Such a part becomes kHiddenPart. A value shorter than that, or such a password within a value,
/// hides every line that it stands in, and the line says so. Only the last kRedactedText bytes of the text are shown, which is
/// said; if the values are more than kRedactedValues, nothing is. Takes up to a second for the largest.
std::string redact(std::string_view text, const std::vector<std::string_view>& values);

}  // namespace dso
