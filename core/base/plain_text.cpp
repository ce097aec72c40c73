// UTF-8 after RFC 3629, and the list of what is not shown.
#include "base/plain_text.h"

#include <algorithm>

#include "base/hex_digits.h"

namespace dso {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// U+2028 and U+2029 end a line; U+202A to U+202E and U+2066 to U+2069 have what follows read from the other side.
bool turns_or_breaks(std::string_view s) {
  if (s.size() != 3 || s[0] != '\xe2') return false;
  const auto second = static_cast<unsigned char>(s[1]), third = static_cast<unsigned char>(s[2]);
  return (second == 0x80 && third >= 0xa8 && third <= 0xae) || (second == 0x81 && third >= 0xa6 && third <= 0xa9);
}

}  // namespace

std::size_t utf8_length(std::string_view s) {
  const auto at = [&s](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  const unsigned first = at(0);
  if (s.empty()) return 0;
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || s.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(s[i])) return 0;
  const unsigned second = at(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second > 0x9f;
  const bool too_big = first == 0xf4 && second > 0x8f;
  return overlong || surrogate || too_big ? 0 : length;
}

bool is_control_sequence(std::string_view s) {
  if (s.size() == 1) return static_cast<unsigned char>(s[0]) < 0x20 || s[0] == 0x7f;
  if (s.size() == 2) return s[0] == '\xc2' && static_cast<unsigned char>(s[1]) < 0xa0;
  return turns_or_breaks(s);
}

void append_hex(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
  }
}

void append_plain(std::string& out, std::string_view text, std::string_view line_break, std::string_view other) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(sequence.size());
    const bool c0 = static_cast<unsigned char>(sequence[0]) < 0x20;
    if (length != 0 && !is_control_sequence(sequence))
      out += sequence;
    else if (sequence == "\n")
      out += line_break;
    else if (c0 && !other.empty())
      out += other;
    else
      append_hex(out, sequence);
  }
}

}  // namespace dso
