// No I/O, no clock.
#include "azure_text.h"

#include <array>
#include <charconv>

namespace azure {
namespace {

constexpr std::string_view kPercentDigits = "0123456789ABCDEF";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

template <class Out>
void add_encoded(Out& out, std::string_view text) {
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    out.push_back('%');
    out.push_back(kPercentDigits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kPercentDigits[static_cast<unsigned char>(c) & 15]);
  }
}

int small_number(std::string_view digits) {
  int out = -1;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return bad == std::errc() && end == digits.data() + digits.size() ? out : -1;
}

/// Days from 1970-01-01 to a day of the Gregorian calendar.
std::int64_t days_since_epoch(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = y / 400, of_era = y - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097LL + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  add_encoded(out, text);
  return out;
}

Secret form_body(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  Secret out;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    if (!out.empty()) out.push_back('&');
    add_encoded(out, name);
    out.push_back('=');
    add_encoded(out, value);
  }
  return out;
}

std::string base64url(std::span<const std::uint8_t> bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < n ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k <= n; ++k) out += kBase64Url[group >> (18 - 6 * k) & 63];
  }
  return out;
}

std::string base64url(std::string_view bytes) {
  return base64url({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::optional<Secret> base64_decode(std::string_view text) {
  Secret out;
  std::uint32_t group = 0;
  int bits = 0;
  bool padded = false;
  for (char c : text) {
    if (c == '\r' || c == '\n' || c == ' ' || c == '\t') continue;
    if (c == '=') {
      padded = true;
      continue;
    }
    if (c == '+') c = '-';
    if (c == '/') c = '_';
    const std::size_t at = kBase64Url.find(c);
    if (at == std::string_view::npos || padded) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(at);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<char>(group >> bits & 255));
  }
  if (bits >= 6) return std::nullopt;  // a lone character
  return out;
}

std::string HttpsUrl::origin() const {
  return "https://" + host + (port == 443 ? "" : ":" + std::to_string(port));
}

std::optional<HttpsUrl> parse_https(std::string_view url) {
  if (lower_case(url.substr(0, 8)) != "https://") return std::nullopt;
  for (const char c : url)
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '#' || c == '\\') return std::nullopt;
  std::string_view rest = url.substr(8);
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  HttpsUrl out;
  out.path = rest.substr(path);
  std::string_view authority = rest.substr(0, path);
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    out.port = small_number(authority.substr(colon + 1));
    if (out.port < 1 || out.port > 65535) return std::nullopt;
    authority = authority.substr(0, colon);
  }
  out.host = lower_case(authority);
  if (out.host.empty()) return std::nullopt;
  return out;
}

bool lies_below(std::string_view vault_host, std::string_view resource_host) {
  if (resource_host.find('.') == std::string_view::npos || resource_host.front() == '.') return false;
  return vault_host.size() > resource_host.size() + 1 && vault_host.ends_with(resource_host) &&
         vault_host[vault_host.size() - resource_host.size() - 1] == '.';
}

std::optional<std::int64_t> http_date_ms(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(25) != " GMT" || text[3] != ',') return std::nullopt;
  int month = 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (text.substr(8, 3) == kMonths[i]) month = static_cast<int>(i) + 1;
  const int day = small_number(text.substr(5, 2)), year = small_number(text.substr(12, 4)),
            hour = small_number(text.substr(17, 2)), minute = small_number(text.substr(20, 2)),
            second = small_number(text.substr(23, 2));
  if (month == 0 || day < 1 || day > 31 || year < 1970 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
  return ((days_since_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60'000 + second * 1000LL;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t from = text.find_first_not_of(kSpace);
  return from == std::string_view::npos ? std::string_view() : text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

}  // namespace azure
