// Undoes escapes and encodings wherever they stand in a text. Lenient: what is none stays as it is.
#include <algorithm>
#include <array>

#include "logic/text_reading.h"

namespace dso {
namespace {

constexpr std::size_t kBase64Word = 12;
constexpr std::size_t kNumbers = 2;

/// A code point, or a byte that is none; made of so many bytes of the text (0: nothing was recognized).
struct Unescaped {
  std::uint32_t value = 0;
  bool is_byte = false;
  std::size_t length = 0;
  bool nothing = false;  ///< Stands for no character, as a line that goes on.
};

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

/// Up to `most` digits of `base` at `at`; how many there are.
std::size_t number(std::string_view text, std::size_t at, int base, std::size_t most, std::uint32_t& value) {
  value = 0;
  std::size_t n = 0;
  for (; n < most && at + n < text.size() && digit(text[at + n]) < base; ++n)
    value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit(text[at + n]));
  return n;
}

Unescaped percent(std::string_view text) {
  Unescaped out{.is_byte = true};
  if (number(text, 1, 16, 2, out.value) == 2) out.length = 3;
  return out;
}

Unescaped entity(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 6> kNamed = {
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&nbsp;", ' '}}};
  for (const auto& [name, c] : kNamed)
    if (text.starts_with(name)) return {static_cast<std::uint32_t>(c), true, name.size(), false};
  if (!text.starts_with("&#")) return {};
  const bool hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const std::size_t at = hex ? 3 : 2;
  Unescaped out;
  const std::size_t n = number(text, at, hex ? 16 : 10, 7, out.value);
  if (n > 0 && at + n < text.size() && text[at + n] == ';') out.length = at + n + 1;
  return out;
}

Unescaped unicode(std::string_view text) {
  Unescaped out;
  if (text.size() > 2 && text[2] == '{') {
    const std::size_t n = number(text, 3, 16, 6, out.value);
    if (n > 0 && 3 + n < text.size() && text[3 + n] == '}') out.length = n + 4;
    return out;
  }
  const std::size_t digits = text[1] == 'U' ? 8 : 4;
  if (number(text, 2, 16, digits, out.value) != digits) return out;
  out.length = 2 + digits;
  std::uint32_t low = 0;
  if (out.value >= 0xd800 && out.value < 0xdc00 && text.substr(out.length).starts_with("\\u") &&
      number(text, out.length + 2, 16, 4, low) == 4 && low >= 0xdc00 && low < 0xe000) {
    out.value = 0x10000 + ((out.value - 0xd800) << 10) + (low - 0xdc00);
    out.length += 6;
  }
  return out;
}

Unescaped backslash(std::string_view text) {
  if (text.size() < 2) return {};
  Unescaped out{.is_byte = true};
  switch (text[1]) {
    case 'x':
      if (const std::size_t n = number(text, 2, 16, 2, out.value)) return {out.value, true, 2 + n, false};
      return {'x', true, 2, false};
    case 'u':
    case 'U':
      if (const Unescaped u = unicode(text); u.length) return u;
      return {static_cast<std::uint32_t>(text[1]), true, 2, false};
    case 'n': return {'\n', true, 2, false};
    case 'r': return {'\r', true, 2, false};
    case 't': return {'\t', true, 2, false};
    case 'b': return {'\b', true, 2, false};
    case 'f': return {'\f', true, 2, false};
    case 'v': return {'\v', true, 2, false};
    case 'a': return {'\a', true, 2, false};
    case 'e': return {'\x1b', true, 2, false};
    case '\n': return {0, true, 2, true};
    default: break;
  }
  if (const std::size_t n = number(text, 1, 8, 3, out.value)) return {out.value & 0xff, true, 1 + n, false};
  return {static_cast<unsigned char>(text[1]), true, 2, false};
}

/// A code point in UTF-8.
std::string_view utf8(std::uint32_t c, std::array<char, 4>& to) {
  const auto put = [&](std::size_t i, std::uint32_t bits) { to[i] = static_cast<char>(bits); };
  if (c < 0x80) {
    put(0, c);
    return {to.data(), 1};
  }
  const std::size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  put(0, (n == 2 ? 0xc0U : n == 3 ? 0xe0U : 0xf0U) | (c >> (6 * (n - 1))));
  for (std::size_t i = 1; i < n; ++i) put(i, 0x80 | (c >> (6 * (n - 1 - i)) & 63));
  return {to.data(), n};
}

class Writer {
 public:
  explicit Writer(const TextReading& from) : from_(from) {
    out_.bytes.reserve(from.bytes.size());
    out_.begin.reserve(from.bytes.size());
    out_.end.reserve(from.bytes.size());
  }
  void copy(std::size_t at) { put(from_.bytes[at], at, at + 1); }
  /// A byte that was made of those from `at` to before `end`.
  void put(char byte, std::size_t at, std::size_t end) {
    out_.bytes.push_back(byte);
    out_.begin.push_back(from_.begin[at]);
    out_.end.push_back(from_.end[end - 1]);
  }
  void changed() { changed_ = true; }
  std::optional<TextReading> take() && {
    if (!changed_) return std::nullopt;
    return std::move(out_);
  }

 private:
  const TextReading& from_;
  TextReading out_;
  bool changed_ = false;
};

std::optional<TextReading> unescape(const TextReading& reading) {
  const std::string_view text = view(reading.bytes);
  Writer out(reading);
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const Unescaped u = rest[0] == '%'    ? percent(rest)
                        : rest[0] == '\\' ? backslash(rest)
                        : rest[0] == '&'  ? entity(rest)
                                          : Unescaped{};
    if (u.length == 0) {
      out.copy(at++);
      continue;
    }
    out.changed();
    std::array<char, 4> room{};
    const std::string_view bytes = u.is_byte ? std::string_view(&(room[0] = static_cast<char>(u.value)), 1) : utf8(u.value, room);
    if (!u.nothing)
      for (const char c : bytes) out.put(c, at, at + u.length);
    at += u.length;
  }
  return std::move(out).take();
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

std::optional<TextReading> unbase64(const TextReading& reading) {
  const std::string_view text = view(reading.bytes);
  Writer out(reading);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && base64_digit(text[end]) >= 0) ++end;
    if (end - at < kBase64Word) {
      for (end = std::max(end, at + 1); at < end; ++at) out.copy(at);
      continue;
    }
    out.changed();
    unsigned bits = 0;
    for (std::size_t i = at, have = 0; i < end; ++i) {
      bits = bits << 6 | static_cast<unsigned>(base64_digit(text[i]));
      have += 6;
      if (have < 8) continue;
      have -= 8;
      out.put(static_cast<char>(bits >> have & 0xff), i - 1, i + 1);
    }
    for (at = end; at < text.size() && text[at] == '=';) ++at;
  }
  return std::move(out).take();
}

/// A number of one byte at `at` (Java's are signed): its value, and where it ends; `at` if there is none.
std::size_t byte_number(std::string_view text, std::size_t at, char& byte) {
  const bool minus = text[at] == '-';
  const std::size_t first = at + (minus ? 1 : 0);
  const bool hex = text.substr(first).starts_with("0x") || text.substr(first).starts_with("0X");
  std::uint32_t value = 0;
  const std::size_t n = hex ? number(text, first + 2, 16, 2, value) : number(text, first, 10, 3, value);
  const std::size_t end = first + (hex ? 2 : 0) + n;
  if (n == 0 || value > 255 || (end < text.size() && digit(text[end]) < 99)) return at;
  byte = static_cast<char>(minus ? 256 - value : value);
  return end;
}

std::optional<TextReading> from_numbers(const TextReading& reading) {
  struct Found {
    char byte;
    std::size_t at, end;
  };
  const std::string_view text = view(reading.bytes);
  Writer out(reading);
  std::vector<Found, SecretAllocator<Found>> row;
  for (std::size_t at = 0; at < text.size();) {
    row.clear();
    std::size_t end = at;
    for (std::size_t next = at; next < text.size() && (at == 0 || digit(text[at - 1]) == 99);) {
      char byte = 0;
      end = byte_number(text, next, byte);
      if (end == next) break;
      row.push_back({byte, next, end});
      next = std::min(text.find_first_not_of(" ,;\t\r\n", end), text.size());
      if (next == end) break;
    }
    if (row.size() < kNumbers) {
      // none of these begins a row either, but for the last one's neighbours
      for (end = row.empty() ? at + 1 : row.back().end; at < end; ++at) out.copy(at);
      continue;
    }
    out.changed();
    for (const Found& f : row) out.put(f.byte, f.at, f.end);
    at = row.back().end;
  }
  return std::move(out).take();
}

}  // namespace

std::optional<TextReading> decoded(const TextReading& reading, Decoding how) {
  switch (how) {
    case Decoding::escapes: return unescape(reading);
    case Decoding::base64: return unbase64(reading);
    case Decoding::numbers: return from_numbers(reading);
  }
  return std::nullopt;
}

}  // namespace dso
