// Distances, escaping, UTF-8.
#include "logic/text.h"

#include <algorithm>

#include "base/plain_text.h"

namespace dso {
namespace {

constexpr std::size_t kLongestSlip = 64;

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
bool is_ascii_letter(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}
bool is_c1(std::string_view s, std::size_t i) {
  return s[i] == '\xc2' && i + 1 < s.size() && static_cast<unsigned char>(s[i + 1]) >= 0x80 &&
         static_cast<unsigned char>(s[i + 1]) < 0xa0;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = to_lower(a[i - 1]), y = to_lower(b[j - 1]);
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (x == y ? 0 : 1)});
      if (i > 1 && j > 1 && x == to_lower(b[j - 2]) && to_lower(a[i - 2]) == y) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

std::optional<std::string_view> closest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kLongestSlip) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    // A third of the letters may be wrong; "warning" for "warn" and "strat" for "strategy" are slips too.
    const bool prefix = word.size() >= 4 && candidate.size() >= 4 && (word.starts_with(candidate) || candidate.starts_with(word));
    const std::size_t allowed = std::max<std::size_t>(1, std::min(word.size(), candidate.size()) / 3);
    if (distance > allowed && !prefix) continue;
    // One letter for another one-letter word is no slip but another word.
    if (distance >= candidate.size()) continue;
    if (!best || distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  auto best = closest(word, candidates);
  return best ? "Did you mean " + in_quotes(*best) + "?" : std::string();
}

std::string suggest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string hint = did_you_mean(word, candidates);
  if (hint.empty() && !candidates.empty()) hint = "One of: " + join(candidates, ", ") + ".";
  return hint;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() >= limit) return out + "…";
    const char c = text[i];
    const std::size_t length = utf8_length(text.substr(i));
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (length == 0 || static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      append_hex(out, text.substr(i, 1));
    else if (is_control_sequence(text.substr(i, length)))
      append_hex(out, text.substr(i, length));
    else
      out += text.substr(i, length);
    i += std::max<std::size_t>(1, length);
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  return "'" + printable(text) + "'";
}

std::string join(std::span<const std::string_view> parts, std::string_view separator) {
  std::string out;
  for (std::string_view part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_upper);
  return out;
}

std::string_view odd_encoding(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) return "begins with a byte order mark";
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return "is UTF-16";
  if (bytes.size() < 4 || bytes.size() % 2 != 0) return {};
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < bytes.size(); ++i) zeros[i % 2] += bytes[i] == '\0' ? 1 : 0;
  const std::size_t half = bytes.size() / 2;
  return (zeros[0] == half && zeros[1] == 0) || (zeros[1] == half && zeros[0] == 0) ? "is UTF-16" : std::string_view();
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7f || is_c1(text, i)) return true;
  return false;
}

bool is_env_name(std::string_view text) {
  if (text.empty() || is_digit(text[0])) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_ascii_letter(c) || is_digit(c) || c == '_'; });
}

bool is_variable_name(std::string_view text) {
  std::string plain(text);
  for (char& c : plain)
    if (c == '.' || c == '-') c = '_';
  return is_env_name(plain);
}

std::string env_name_from(std::string_view text) {
  std::string out = upper(text);
  for (char& c : out)
    if (!is_ascii_letter(c) && !is_digit(c)) c = '_';
  if (out.empty() || is_digit(out[0])) out.insert(out.begin(), '_');
  return out;
}

}  // namespace dso
