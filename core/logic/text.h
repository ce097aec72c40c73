// Small text helpers for messages and checks: "did you mean", escaping for terminals, UTF-8. Pure; knows no config.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dso {

/// Optimal string alignment distance (a swap of neighbours counts 1), ASCII case ignored.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// The candidate that `word` is most likely a slip of, or nothing. Words over 64 bytes are never slips.
std::optional<std::string_view> closest(std::string_view word, std::span<const std::string_view> candidates);
/// "Did you mean 'inject'?" or "".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);
/// The same, else "One of: a, b, c." in the order given.
std::string suggest(std::string_view word, std::span<const std::string_view> candidates);

/// Control characters escaped, at most about `limit` bytes, so that text from a file is harmless on a terminal.
std::string printable(std::string_view text, std::size_t limit = 80);
/// 'text' in single quotes, printable.
std::string in_quotes(std::string_view text);
std::string join(std::span<const std::string_view> parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string lower(std::string_view text);
std::string upper(std::string_view text);

/// "begins with a byte order mark", "is UTF-16": as Windows programs write plain text; "" for all else.
std::string_view odd_encoding(std::string_view bytes);

/// Offset of the first byte that is not well-formed UTF-8 (overlong forms and surrogates are not).
std::optional<std::size_t> first_invalid_utf8(std::string_view text);
/// True for bytes below 0x20 (tab and line breaks too), 0x7f and the C1 controls U+0080..U+009F.
bool has_control(std::string_view text);

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
/// [A-Za-z_][A-Za-z0-9_]*
bool is_env_name(std::string_view text);
/// With dots and dashes too, as `docker run -e` takes them: "spring.datasource.password".
bool is_variable_name(std::string_view text);
/// A legal variable name near `text`: "tls.crt" -> "TLS_CRT".
std::string env_name_from(std::string_view text);

}  // namespace dso
