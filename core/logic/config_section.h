// One map of the config as its reader sees it: keys checked against the table of its place when made, values read by type.
// Every finding goes to ConfigFindings with position and dotted key. Internal to parse_config.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "logic/config_findings.h"
#include "logic/config_keys.h"
#include "logic/config_yaml.h"

namespace dso {

/// "parent.key", or the key alone at the top.
std::string dotted(const std::string& parent, std::string_view key);
/// "a list", "a map", "a text", … for messages.
std::string_view kind_name(const YamlNode& node);
/// True for plain text that YAML takes for a number, a truth value or null.
bool is_plain_number(const YamlNode& node);
bool is_plain_bool(const YamlNode& node);

// Values by type; nothing (and a finding) for a wrong one, nothing at all for a node that is refused already.
/// A string: quoted, or plain and neither number nor truth value. Not empty, without control characters.
std::optional<std::string> read_text(const YamlNode& node, const std::string& path, ConfigFindings& findings);
/// Any single value as it is written.
std::optional<std::string> read_scalar(const YamlNode& node, const std::string& path, ConfigFindings& findings);
std::optional<bool> read_bool(const YamlNode& node, const std::string& path, ConfigFindings& findings);
/// The index in `choices`.
std::optional<std::size_t> read_choice(const YamlNode& node, const std::string& path, std::span<const std::string_view> choices,
                                       ConfigFindings& findings);
/// True for a map; null counts as an empty one, with a warning. Anything else is a finding with `example` as hint.
bool expect_map(const YamlNode& node, const std::string& path, std::string_view example, ConfigFindings& findings);
bool expect_list(const YamlNode& node, const std::string& path, std::string_view example, ConfigFindings& findings);

struct DurationBounds {
  std::chrono::milliseconds least, most;
};

class ConfigSection {
 public:
  enum class Unknown {
    error,
    allowed,  ///< The place is a drop-in provider's: an unknown key is its own, only a likely slip is a warning.
  };
  /// What to say of a key that this place does not know; empty: what is said of any.
  using Hint = std::function<std::string(std::string_view key)>;
  /// `node` is a map (or null: empty). Reports unknown keys, and those that are ignored or refused.
  ConfigSection(const YamlNode& node, std::string path, std::string_view place, ConfigFindings& findings,
                Unknown unknown = Unknown::error, const Hint& hint = {});

  const std::string& path() const { return path_; }
  SourcePos pos() const { return node_.pos; }
  std::string path_of(std::string_view key) const { return dotted(path_, key); }
  const YamlNode& node() const { return node_; }
  const YamlNode* find(std::string_view key) const;
  bool has(std::string_view key) const { return node_.find(key) != nullptr; }
  SourcePos pos_of(std::string_view key) const;

  std::optional<std::string> text(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most) const;
  std::optional<std::chrono::milliseconds> duration(std::string_view key, DurationBounds bounds) const;
  /// The value's index in the choices of the key's table row.
  std::optional<std::size_t> choice(std::string_view key) const;
  std::optional<std::string> choice_text(std::string_view key) const;
  /// The section under `key`, if it is there and a map.
  std::optional<ConfigSection> section(std::string_view key, std::string_view place, const Hint& hint = {}) const;

  void error(std::string_view key, std::string message, std::string hint = {}) const;
  void warn(std::string_view key, std::string message, std::string hint = {}) const;
  ConfigFindings& findings() const { return findings_; }

 private:
  void check_keys(Unknown unknown, const Hint& hint_for) const;
  const YamlNode& node_;
  std::string path_;
  const ConfigPlace& place_;
  ConfigFindings& findings_;
};

}  // namespace dso
