// A strict UTF-8 decoder, one code point at a time.
#include "vault/value_text.h"

#include <algorithm>

namespace dso::vault {

CodePoint code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  if ((first & 0xe0) == 0xc0) length = 2;
  if ((first & 0xf0) == 0xe0) length = 3;
  if ((first & 0xf8) == 0xf0) length = 4;
  if (length == 0 || at + length > text.size()) return {};
  char32_t value = first & (0xff >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(at + i) & 0x3f);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, length};
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = code_point(text, at).length;
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::size_t added_line_end(std::string_view value) {
  if (!value.ends_with('\n')) return 0;
  const std::size_t end = value.ends_with("\r\n") ? 2 : 1;
  value.remove_suffix(end);
  const bool one_line_of_text = is_utf8(value) && std::ranges::none_of(value, [](char c) {
                                  const auto byte = static_cast<unsigned char>(c);
                                  return (byte < 0x20 && c != '\t') || byte == 0x7f;
                                });
  return one_line_of_text ? end : 0;
}

}  // namespace dso::vault
