// The text of a config by lines: what no YAML reader should see is refused here, and positions become those of an editor.
// Knows neither yaml-cpp nor any key. Internal to parse_config.
#pragma once
#include <string_view>
#include <vector>

#include "logic/config_findings.h"

namespace dso {

enum class ScalarStyle {
  plain,
  quoted,
  block,      ///< '|' or '>'
  unclosed,   ///< Quoted, but not closed on its line.
  continued,  ///< Plain, but longer than its line.
};

class ConfigSource {
 public:
  /// Borrows `text` for its lifetime. A UTF-8 byte order mark is passed over.
  explicit ConfigSource(std::string_view text);
  std::string_view text() const { return text_; }
  /// False after an error: bytes that are not UTF-8, control characters, tabs as indentation, directives.
  bool check(ConfigFindings& findings) const;
  /// From a line and a byte column that count from 0 to an editor's, which count characters from 1.
  SourcePos position(int line, int column) const;
  /// How the scalar at that place is written; `value` is what a YAML reader made of it.
  ScalarStyle scalar_style(int line, int column, std::string_view value) const;

 private:
  std::size_t offset(int line, int column) const;
  SourcePos position_of(std::size_t at) const;
  std::string_view line_from(std::size_t at) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;  ///< Of each line.
};

}  // namespace dso
