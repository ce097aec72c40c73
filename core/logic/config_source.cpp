// Line table, checks of the raw bytes, and the look at how a scalar is written.
#include "logic/config_source.h"

#include <algorithm>

#include "logic/text.h"

namespace dso {
namespace {

// Beyond this column nobody looks for a character; counting them would make long lines quadratic.
constexpr std::size_t kCountedColumns = 500;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool closes_on_line(std::string_view line) {
  const char quote = line[0];
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (quote == '"' && line[i] == '\\') {
      ++i;
    } else if (line[i] == quote) {
      if (quote == '"' || i + 1 == line.size() || line[i + 1] != '\'') return true;
      ++i;
    }
  }
  return false;
}

}  // namespace

ConfigSource::ConfigSource(std::string_view text) : text_(text) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') starts_.push_back(i + 1);
}

bool ConfigSource::check(ConfigFindings& findings) const {
  if (auto bad = first_invalid_utf8(text_)) {
    const bool utf16 = text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff");
    findings.error(position_of(*bad), {}, utf16 ? "the file is UTF-16" : "the file is not UTF-8 here", "Save it as UTF-8.");
    return false;
  }
  for (std::size_t i = 0; i < text_.size(); ++i) {
    const char c = text_[i];
    if ((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\n' || c == '\t') continue;
    // A carriage return belongs to the line break after it; alone some readers end the line there, others do not.
    if (c == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n') continue;
    findings.error(position_of(i), {}, c == 0 ? "the file holds a NUL byte" : "the file holds a control character", "Remove it.");
    return false;
  }
  bool good = true;
  for (std::size_t start : starts_) {
    const std::string_view line = line_from(start);
    const auto first = std::find_if_not(line.begin(), line.end(), is_blank);
    if (first == line.end() || *first == '#') continue;
    const std::string_view indentation = line.substr(0, static_cast<std::size_t>(first - line.begin()));
    if (const auto tab = indentation.find('\t'); tab != std::string_view::npos) {
      findings.error(position_of(start + tab), {}, "a tab indents this line", "YAML is indented with spaces only.");
      good = false;
    } else if (line[0] == '%') {
      findings.error(position_of(start), {}, "YAML directives are not read",
                     "Leave the line out; a value that begins with '%' goes in quotes.");
      good = false;
    }
  }
  return good;
}

std::size_t ConfigSource::offset(int line, int column) const {
  if (line < 0 || column < 0) return 0;
  const auto index = std::min(static_cast<std::size_t>(line), starts_.size() - 1);
  return std::min(starts_[index] + static_cast<std::size_t>(column), text_.size());
}

SourcePos ConfigSource::position(int line, int column) const {
  return position_of(offset(line, column));
}

SourcePos ConfigSource::position_of(std::size_t at) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), at);
  const std::string_view before = text_.substr(*(next - 1), at - *(next - 1));
  std::size_t characters = before.size();
  if (before.size() <= kCountedColumns)
    characters = static_cast<std::size_t>(
        std::count_if(before.begin(), before.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  return {static_cast<int>(next - starts_.begin()), static_cast<int>(characters) + 1};
}

std::string_view ConfigSource::line_from(std::size_t at) const {
  std::string_view rest = text_.substr(at);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

ScalarStyle ConfigSource::scalar_style(int line, int column, std::string_view value) const {
  const std::size_t at = offset(line, column);
  const char first = at < text_.size() ? text_[at] : '\0';
  if (first == '|' || first == '>') return ScalarStyle::block;
  if (first == '"' || first == '\'') return closes_on_line(line_from(at)) ? ScalarStyle::quoted : ScalarStyle::unclosed;
  return text_.substr(at, value.size()) == value ? ScalarStyle::plain : ScalarStyle::continued;
}

}  // namespace dso
