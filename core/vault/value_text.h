// Whether bytes are text, and whether their end is only how a line ends. Pure; looks at values, copies none.
#pragma once
#include <cstddef>
#include <string_view>

namespace dso::vault {

/// The code point at `at` and its length in bytes; length 0: not UTF-8 (overlong forms and surrogates included).
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;
};
CodePoint code_point(std::string_view text, std::size_t at);

bool is_utf8(std::string_view text);

/// How many bytes at the end of `value` are the line end that `echo` adds: 1 ("\n") or 2 ("\r\n") for one line of text, 0 for
/// several lines (a PEM file ends with a newline of its own) and for what is not text (a random key may end with any byte).
std::size_t added_line_end(std::string_view value);

}  // namespace dso::vault
