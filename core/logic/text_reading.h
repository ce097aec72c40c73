// A text as its reader may understand it: escapes and encodings undone, without colours, without spaces. Every byte still knows
// the place that it came from, so that what is found in a reading can be pointed at in the text. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/secret_bytes.h"

namespace dso {

/// One way to read a text. `bytes[i]` was made of the text's bytes from `begin[i]` to before `end[i]`; both only grow.
struct TextReading {
  SecretBuffer bytes;
  std::vector<std::uint32_t> begin, end;
};

/// The text as it is, at most 4 GiB of it.
TextReading reading_of(std::string_view text);

enum class Without {
  nothing,
  controls,      ///< Terminal sequences (colours, titles), control characters but tab and newline, marks without a width.
  spaces,        ///< These, spaces, tabs and line breaks too: what was wrapped, indented or spaced out is whole again.
  all_but_text,  ///< ASCII letters and digits, bytes above ASCII, newlines are left: quotes, escapes and separators are gone.
};
TextReading without(const TextReading& reading, Without what);

enum class Decoding {
  escapes,  ///< %41, \x41, \u0041, \101, \n, \", &quot;, &#65;
  base64,   ///< Either alphabet, in words of twelve digits or more.
  numbers,  ///< [65, 66, 67, 68] and 0x41, 0x42, …: two bytes or more.
};
/// Nothing where there is nothing to decode.
std::optional<TextReading> decoded(const TextReading& reading, Decoding how);

/// The text as it is, and decoded once and twice in every way that changes something.
std::vector<TextReading> readings_of(std::string_view text);

}  // namespace dso
