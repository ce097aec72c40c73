// A compose file as lines: where a service, its variables and its labels stand in block style, found by indentation. Understands
// only that much YAML, on purpose: what it cannot see it does not change, and compose itself checks what came of a change. (A
// YAML library would copy every value into strings of its own.) Pure; everything is borrowed from the text.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dso {

struct TextLine {
  std::string_view text;  ///< Without its end.
  std::string_view end;   ///< "\n", "\r\n", or "" at the end of the file.
  std::size_t indent = 0;
  bool blank = false;  ///< Empty, or a comment.
};
std::vector<TextLine> text_lines(std::string_view text);

/// `key:` on a line, and the lines below it that are its own.
struct KeyBlock {
  std::size_t line = 0;
  std::string_view rest;            ///< Behind the colon, without blanks and comment: "", "&anchor", "{A: b}", "value".
  std::size_t first = 0, last = 0;  ///< Lines [first, last) below it.
  std::size_t child_indent = 0;     ///< Of the first one that is not blank; 0: there is none.
  std::size_t first_child = 0;      ///< That line.
  bool list = false;                ///< Its children are "- …".
  bool has_children() const { return child_indent > 0 || list; }
};
/// The `key` among the children of `of` (nullptr: of the whole text).
std::optional<KeyBlock> find_block(const std::vector<TextLine>& lines, const KeyBlock* of, std::string_view key);

/// One variable or label of a block: "NAME: value" or "- NAME=value".
struct EntryPlace {
  std::size_t line = 0;
  std::size_t last = 0;                  ///< Behind its last line; more than line + 1 where the value goes over several.
  std::size_t value = 0, value_end = 0;  ///< The value in the line; for a list's item, all of the item behind the dash.
  std::string_view first_word;           ///< The value's beginning: one of & * ! says that it is shared or tagged.
};
std::optional<EntryPlace> find_entry(const std::vector<TextLine>& lines, const KeyBlock& block, std::string_view name);

/// Names of the variables that `text` interpolates: $NAME, ${NAME:-…}; not $$.
std::vector<std::string> interpolated_names(std::string_view text);

}  // namespace dso
