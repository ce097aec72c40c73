// Indentation decides what belongs to what, as in YAML: a block ends at the next line that is not deeper than its key. Only a
// list may stand at its key's own column.
#include "logic/compose_lines.h"

#include <algorithm>
#include <cctype>

#include "logic/text.h"

namespace dso {
namespace {

constexpr auto kNone = std::string_view::npos;

/// The end of a quoted text that begins at `from`; kNone: not on this line.
std::size_t quoted_end(std::string_view s, std::size_t from) {
  const char quote = s[from];
  for (std::size_t i = from + 1; i < s.size(); ++i) {
    if (quote == '"' && s[i] == '\\') {
      ++i;
    } else if (s[i] == quote) {
      if (quote == '"' || i + 1 >= s.size() || s[i + 1] != '\'') return i + 1;
      ++i;
    }
  }
  return kNone;
}

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

/// Where the scalar that begins at `from` ends; kNone: it goes on in the next line.
std::size_t scalar_end(std::string_view s, std::size_t from) {
  if (from >= s.size()) return from;
  if (is_quote(s[from])) return quoted_end(s, from);
  if (s[from] == '#') return from;
  std::size_t end = std::min(s.find(" #", from), s.find("\t#", from));
  end = std::min(end, s.size());
  while (end > from && (s[end - 1] == ' ' || s[end - 1] == '\t')) --end;
  return end;
}

std::size_t skip_blanks(std::string_view s, std::size_t from) {
  return std::min(s.find_first_not_of(" \t", from), s.size());
}

struct KeyOnLine {
  std::string_view key;
  std::size_t value = 0;  ///< Where its value would begin.
};
std::optional<KeyOnLine> key_on(const TextLine& line) {
  const std::string_view s = line.text;
  if (line.blank) return std::nullopt;
  KeyOnLine out;
  std::size_t colon = 0;
  if (is_quote(s[line.indent])) {
    const std::size_t end = quoted_end(s, line.indent);
    if (end == kNone) return std::nullopt;
    out.key = s.substr(line.indent + 1, end - line.indent - 2);
    colon = skip_blanks(s, end);
    if (colon >= s.size() || s[colon] != ':') return std::nullopt;
  } else {
    colon = s.find(':', line.indent);
    while (colon != kNone && colon + 1 < s.size() && s[colon + 1] != ' ' && s[colon + 1] != '\t') colon = s.find(':', colon + 1);
    if (colon == kNone) return std::nullopt;
    out.key = trim(s.substr(line.indent, colon - line.indent));
  }
  out.value = skip_blanks(s, colon + 1);
  return out;
}

bool is_item(const TextLine& line) {
  return line.text.substr(line.indent) == "-" || line.text.substr(line.indent).starts_with("- ");
}

/// The name of a list's item: NAME of "NAME=value", in quotes or not.
std::string_view item_name(std::string_view item) {
  if (!item.empty() && is_quote(item[0])) item.remove_prefix(1);
  return item.substr(0, item.find_first_of("=\"' #"));
}

KeyBlock block_at(const std::vector<TextLine>& lines, std::size_t at, std::size_t value) {
  KeyBlock out;
  out.line = at;
  const std::string_view s = lines[at].text;
  const std::size_t end = scalar_end(s, value);
  out.rest = s.substr(value, (end == kNone ? s.size() : end) - value);
  out.first = out.last = at + 1;
  bool seen = false;
  for (std::size_t i = at + 1; i < lines.size(); ++i) {
    const TextLine& line = lines[i];
    if (line.blank) continue;
    const bool beside = line.indent == lines[at].indent && out.rest.empty() && is_item(line);
    if (line.indent <= lines[at].indent && !beside) break;
    if (!seen) {
      out.child_indent = line.indent;
      out.first_child = i;
      out.list = is_item(line);
      seen = true;
    }
    out.last = i + 1;
  }
  return out;
}

}  // namespace

std::vector<TextLine> text_lines(std::string_view text) {
  std::vector<TextLine> out;
  while (!text.empty()) {
    TextLine line;
    const std::size_t newline = text.find('\n');
    std::size_t size = std::min(newline, text.size());
    if (newline != kNone && size > 0 && text[size - 1] == '\r') --size;
    line.text = text.substr(0, size);
    line.end = newline == kNone ? std::string_view() : text.substr(size, newline + 1 - size);
    line.indent = std::min(line.text.find_first_not_of(' '), line.text.size());
    const std::size_t first = skip_blanks(line.text, 0);
    line.blank = first == line.text.size() || line.text[first] == '#';
    out.push_back(line);
    text.remove_prefix(size + line.end.size());
  }
  return out;
}

std::optional<KeyBlock> find_block(const std::vector<TextLine>& lines, const KeyBlock* of, std::string_view key) {
  const std::size_t from = of ? of->first : 0, to = of ? of->last : lines.size();
  const std::size_t indent = of ? of->child_indent : 0;
  if (of && (of->list || of->child_indent == 0)) return std::nullopt;
  for (std::size_t i = from; i < to; ++i) {
    if (lines[i].blank || lines[i].indent != indent) continue;
    if (const auto found = key_on(lines[i]); found && found->key == key) return block_at(lines, i, found->value);
  }
  return std::nullopt;
}

std::optional<EntryPlace> find_entry(const std::vector<TextLine>& lines, const KeyBlock& block, std::string_view name) {
  for (std::size_t i = block.first; i < block.last; ++i) {
    const TextLine& line = lines[i];
    if (line.blank || line.indent != block.child_indent) continue;
    EntryPlace out;
    if (block.list) {
      out.value = skip_blanks(line.text, line.indent + 1);
      if (item_name(line.text.substr(out.value)) != name) continue;
    } else {
      const auto found = key_on(line);
      if (!found || found->key != name) continue;
      out.value = found->value;
    }
    out.line = i;
    out.last = i + 1;
    const std::size_t end = scalar_end(line.text, out.value);
    out.value_end = end == kNone ? line.text.size() : end;
    out.first_word = line.text.substr(out.value, 1);
    const bool open = end == kNone || out.first_word == "|" || out.first_word == ">";
    bool deeper = false;
    std::size_t last = i + 1;
    for (std::size_t j = i + 1; j < lines.size() && (lines[j].text.empty() || lines[j].blank || lines[j].indent > line.indent);
         ++j)
      if (lines[j].indent > line.indent && lines[j].indent < lines[j].text.size()) {
        last = j + 1;
        deeper = deeper || !lines[j].blank;
      }
    if (open || deeper) out.last = last;
    return out;
  }
  return std::nullopt;
}

std::vector<std::string> interpolated_names(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = text.find('$'); at < text.size(); at = text.find('$', at)) {
    ++at;
    if (at < text.size() && text[at] == '$') {
      ++at;
      continue;
    }
    if (at < text.size() && text[at] == '{') ++at;
    std::size_t end = at;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
    if (is_env_name(text.substr(at, end - at))) out.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

}  // namespace dso
