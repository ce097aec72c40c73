// What is left out and what is put together; how escapes and encodings are undone is in text_decode.cpp.
#include "logic/text_reading.h"

#include <array>
#include <numeric>

namespace dso {
namespace {

bool in_range(char c, unsigned low, unsigned high) {
  const auto u = static_cast<unsigned char>(c);
  return u >= low && u <= high;
}

/// Length of what a terminal takes for a command at the front of `text`, else 0.
std::size_t terminal_sequence(std::string_view text) {
  std::size_t at = 1;
  const bool c1 = text.starts_with("\xc2\x9b");  // CSI as one character
  if (text[0] != '\x1b' && !c1) return 0;
  if (c1 || (text.size() > 1 && text[1] == '[')) {
    at = 2;
    while (at < text.size() && in_range(text[at], 0x20, 0x3f)) ++at;
    return at < text.size() && in_range(text[at], 0x40, 0x7e) ? at + 1 : at;
  }
  if (text.size() > 1 && std::string_view("]PX^_").find(text[1]) != std::string_view::npos) {  // to BEL or ESC \; a line at most
    for (at = 2; at < text.size() && text[at] != '\n'; ++at) {
      if (text[at] == '\a') return at + 1;
      if (text.substr(at).starts_with("\x1b\\")) return at + 2;
    }
    return 1;  // without an end it is none
  }
  while (at < text.size() && in_range(text[at], 0x20, 0x2f)) ++at;
  return at < text.size() && in_range(text[at], 0x30, 0x7e) ? at + 1 : 1;
}

/// Length of a character without a width at the front of `text`, else 0.
std::size_t invisible(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kMarks = {"\xc2\xad",     "\xe2\x80\x8b", "\xe2\x80\x8c",
                                                             "\xe2\x80\x8d", "\xe2\x80\x8e", "\xe2\x80\x8f",
                                                             "\xe2\x81\xa0", "\xef\xbb\xbf", "\xcd\x8f"};
  for (const std::string_view mark : kMarks)
    if (text.starts_with(mark)) return mark.size();
  if (text.size() > 1 && text[0] == '\xc2' && in_range(text[1], 0x80, 0x9f)) return 2;  // C1 controls
  return (in_range(text[0], 0, 0x1f) && text[0] != '\n' && text[0] != '\t') || text[0] == '\x7f' ? 1 : 0;
}

bool is_text(char c) {
  return in_range(c, 'a', 'z') || in_range(c, 'A', 'Z') || in_range(c, '0', '9') || in_range(c, 0x80, 0xff);
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

}  // namespace

TextReading reading_of(std::string_view text) {
  TextReading out;
  out.bytes.assign(text.begin(), text.end());
  out.begin.resize(text.size());
  std::iota(out.begin.begin(), out.begin.end(), 0U);
  out.end.resize(text.size());
  std::iota(out.end.begin(), out.end.end(), 1U);
  return out;
}

TextReading without(const TextReading& reading, Without what) {
  if (what == Without::nothing) return reading;
  TextReading out;
  out.bytes.reserve(reading.bytes.size());
  out.begin.reserve(reading.bytes.size());
  out.end.reserve(reading.bytes.size());
  const std::string_view text = view(reading.bytes);
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    std::size_t skip = terminal_sequence(rest);
    if (skip == 0) skip = invisible(rest);
    if (skip == 0 && what == Without::spaces && is_space(rest[0])) skip = 1;
    if (skip == 0 && what == Without::all_but_text && !is_text(rest[0]) && rest[0] != '\n') skip = 1;
    if (skip == 0) {
      out.bytes.push_back(rest[0]);
      out.begin.push_back(reading.begin[at]);
      out.end.push_back(reading.end[at]);
      skip = 1;
    }
    at += skip;
  }
  return out;
}

std::vector<TextReading> readings_of(std::string_view text) {
  static constexpr std::array kAll = {Decoding::escapes, Decoding::base64, Decoding::numbers};
  std::vector<TextReading> out;
  out.push_back(reading_of(text));
  std::size_t from = 0;
  for (int depth = 0; depth < 2; ++depth) {
    const std::size_t to = out.size();
    for (; from < to; ++from) {
      // what was cut apart by a colour is one escape again
      TextReading bare = without(out[from], Without::controls);
      const bool same = bare.bytes.size() == out[from].bytes.size();
      for (const Decoding how : kAll) {
        if (auto more = decoded(out[from], how)) out.push_back(std::move(*more));
        if (!same)
          if (auto more = decoded(bare, how)) out.push_back(std::move(*more));
      }
    }
  }
  return out;
}

}  // namespace dso
