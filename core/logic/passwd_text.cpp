// Only what one small file needs: sizes are octal, extended headers are stepped over but for a long link.
#include "logic/passwd_text.h"

#include <algorithm>
#include <charconv>

namespace dso {
namespace {

constexpr std::size_t kBlock = 512;

template <class Number>
std::optional<Number> parsed(std::string_view text, int base) {
  Number out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// Up to its NUL.
std::string_view text_at(std::string_view header, std::size_t at, std::size_t size) {
  const std::string_view field = header.substr(at, size);
  return field.substr(0, field.find('\0'));
}

std::optional<std::size_t> octal_at(std::string_view header, std::size_t at, std::size_t size) {
  std::string_view field = text_at(header, at, size);
  while (field.starts_with(' ')) field.remove_prefix(1);
  while (field.ends_with(' ')) field.remove_suffix(1);
  return parsed<std::size_t>(field, 8);
}

/// "27 linkpath=../etc/passwd\n" records of a pax header.
std::string pax_link(std::string_view records) {
  while (!records.empty()) {
    const std::size_t blank = records.find(' ');
    const auto length = blank == std::string_view::npos ? std::nullopt : parsed<std::size_t>(records.substr(0, blank), 10);
    if (!length || *length <= blank + 1 || *length > records.size()) return {};
    const std::string_view record = records.substr(blank + 1, *length - blank - 2);
    if (record.starts_with("linkpath=")) return std::string(record.substr(9));
    records.remove_prefix(*length);
  }
  return {};
}

}  // namespace

std::optional<TarEntry> first_of_tar(std::string_view tar) {
  std::string long_link;
  while (tar.size() >= kBlock) {
    const std::string_view header = tar.substr(0, kBlock);
    const auto size = octal_at(header, 124, 12);
    if (!size || *size > tar.size() - kBlock) return std::nullopt;
    const std::string_view content = tar.substr(kBlock, *size);
    const char type = header[156];
    if (type == '0' || type == '\0') return TarEntry{content, {}};
    if (type == '2') {
      std::string link = long_link.empty() ? std::string(text_at(header, 157, 100)) : std::move(long_link);
      if (link.empty()) return std::nullopt;
      return TarEntry{{}, std::move(link)};
    }
    if (type == 'x') long_link = pax_link(content);
    if (type == 'K') long_link = content.substr(0, content.find('\0'));
    if (type != 'x' && type != 'g' && type != 'K' && type != 'L') return std::nullopt;
    tar.remove_prefix(std::min(kBlock + (*size + kBlock - 1) / kBlock * kBlock, tar.size()));
  }
  return std::nullopt;
}

std::optional<std::uint32_t> uid_in_passwd(std::string_view passwd, std::string_view name) {
  while (!passwd.empty()) {
    const std::size_t end = std::min(passwd.find('\n'), passwd.size());
    std::string_view line = passwd.substr(0, end);
    passwd.remove_prefix(std::min(end + 1, passwd.size()));
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos || line.substr(0, first) != name) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    line.remove_prefix(second + 1);
    return parsed<std::uint32_t>(line.substr(0, line.find(':')), 10);
  }
  return std::nullopt;
}

}  // namespace dso
