// The one user of yaml-cpp: text to a tree with positions, within bounds. Refuses what a config has no need of (anchors,
// aliases, tags, several documents, tabs) and reports duplicate keys. Knows no key by name. Internal to parse_config.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "logic/config_findings.h"

namespace dso {

struct YamlEntry;

struct YamlNode {
  enum class Kind {
    null,
    text,
    list,
    map,
    refused,  ///< Already reported; readers pass over it in silence.
  };
  Kind kind = Kind::null;
  SourcePos pos;
  std::string text;
  bool plain = false;  ///< Text without quotes: 123 and true are then no strings.
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;  ///< In the order of the file, each key once.

  const YamlEntry* find(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  SourcePos key_pos;
  YamlNode value;
};

/// The one document of `text`; Kind::null for an empty one, Kind::refused after a syntax error (which is in `findings`).
/// Nesting is at most 64 deep, nodes at most 100,000; more is an error. Never throws but for std::bad_alloc.
YamlNode load_yaml(std::string_view text, ConfigFindings& findings);

}  // namespace dso
