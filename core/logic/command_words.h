// A command line as words, without a shell: blanks, quotes and backslashes as the AWS SDKs read credential_process. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dso {

/// Nothing: a quote is not closed, the last backslash escapes nothing, or there is no word. Nothing is expanded: no variables, no
/// patterns, no "~", no pipes.
std::optional<std::vector<std::string>> command_words(std::string_view line);

}  // namespace dso
