// Reading by type; every message says what was found, what is expected and how to write it.
#include "logic/config_section.h"

#include <algorithm>
#include <charconv>

#include "logic/duration.h"
#include "logic/text.h"

namespace dso {
namespace {

/// Where else this key belongs: "It belongs under 'agent.watch'." or "".
std::string place_hint(std::string_view key, const ConfigPlace& here) {
  for (const ConfigPlace& p : config_places()) {
    const ConfigKey* known = find_key(p, key);
    if (&p == &here || p.place.empty() || !known || known->kind != ConfigKey::Kind::present) continue;
    return "It belongs under '" + std::string(p.place) + "'.";
  }
  return {};
}

std::vector<std::string_view> present_keys(const ConfigPlace& place) {
  std::vector<std::string_view> out;
  for (const ConfigKey& key : place.keys)
    if (key.kind == ConfigKey::Kind::present) out.push_back(key.name);
  // A place that is older as a whole has none.
  if (out.empty())
    for (const ConfigKey& key : place.keys) out.push_back(key.name);
  return out;
}

std::string unknown_key_hint(std::string_view key, const ConfigPlace& place) {
  const auto valid = present_keys(place);
  if (std::string hint = did_you_mean(key, valid); !hint.empty()) return hint;
  if (std::string hint = place_hint(key, place); !hint.empty()) return hint;
  return suggest(key, valid);
}

/// Reports what is neither a single value nor refused already.
bool is_single(const YamlNode& node, const std::string& path, std::string_view wanted, ConfigFindings& findings) {
  if (node.kind == YamlNode::Kind::text) return true;
  if (node.kind == YamlNode::Kind::null)
    findings.error(node.pos, path, "has no value", "Give it " + std::string(wanted) + ", or leave the key out.");
  else if (node.kind != YamlNode::Kind::refused)
    findings.error(node.pos, path, "must be " + std::string(wanted) + ", not " + std::string(kind_name(node)));
  return false;
}

}  // namespace

std::string dotted(const std::string& parent, std::string_view key) {
  const std::string shown = printable(key);
  return parent.empty() ? shown : parent + "." + shown;
}

bool is_plain_number(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::text || !node.plain) return false;
  std::string_view t = node.text;
  if (t.starts_with('-') || t.starts_with('+')) t.remove_prefix(1);
  if (t.starts_with("0x") || t.starts_with("0o")) t.remove_prefix(2);
  if (t.empty() || !(is_digit(t[0]) || (t[0] == '.' && t.size() > 1 && is_digit(t[1])))) return false;
  // 1.5, 1e3: a fraction, an exponent, and nothing else ("1.2.3.4" and "2m" are texts). By hand: the library's reader of floating
  // point numbers has 24 KB.
  const auto skip_digits = [&t] {
    const std::size_t count = static_cast<std::size_t>(std::find_if_not(t.begin(), t.end(), is_digit) - t.begin());
    t.remove_prefix(count);
    return count > 0;
  };
  skip_digits();
  if (t.starts_with('.')) t.remove_prefix(1), skip_digits();
  if (!t.starts_with('e') && !t.starts_with('E')) return t.empty();
  t.remove_prefix(1);
  if (t.starts_with('-') || t.starts_with('+')) t.remove_prefix(1);
  return skip_digits() && t.empty();
}

bool is_plain_bool(const YamlNode& node) {
  return node.kind == YamlNode::Kind::text && node.plain && (lower(node.text) == "true" || lower(node.text) == "false");
}

std::string_view kind_name(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null: return "nothing";
    case YamlNode::Kind::list: return "a list";
    case YamlNode::Kind::map: return "a map";
    case YamlNode::Kind::refused: break;
    case YamlNode::Kind::text: return is_plain_number(node) ? "a number" : is_plain_bool(node) ? "a truth value" : "a text";
  }
  return "something else";
}

std::optional<std::string> read_scalar(const YamlNode& node, const std::string& path, ConfigFindings& findings) {
  if (!is_single(node, path, "a single value", findings)) return std::nullopt;
  if (has_control(node.text)) {
    findings.error(node.pos, path, "holds a line break or another control character", "Write it on one line.");
    return std::nullopt;
  }
  return node.text;
}

std::optional<std::string> read_text(const YamlNode& node, const std::string& path, ConfigFindings& findings) {
  if (!is_single(node, path, "a text", findings)) return std::nullopt;
  if (is_plain_number(node) || is_plain_bool(node)) {
    findings.error(node.pos, path, "must be a text, not " + std::string(kind_name(node)), "Put it in quotes.");
    return std::nullopt;
  }
  if (node.text.empty()) {
    findings.error(node.pos, path, "must not be empty");
    return std::nullopt;
  }
  return read_scalar(node, path, findings);
}

std::optional<bool> read_bool(const YamlNode& node, const std::string& path, ConfigFindings& findings) {
  if (!is_single(node, path, "true or false", findings)) return std::nullopt;
  if (is_plain_bool(node)) return lower(node.text) == "true";
  const std::string word = lower(node.text);
  const bool yes = word == "yes" || word == "on" || word == "true" || word == "1";
  const bool no = word == "no" || word == "off" || word == "false" || word == "0";
  findings.error(node.pos, path, "must be true or false, not " + in_quotes(node.text),
                 yes || no ? "Write " + std::string(yes ? "true" : "false") + ", without quotes." : "");
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const YamlNode& node, const std::string& path, std::span<const std::string_view> choices,
                                       ConfigFindings& findings) {
  if (!is_single(node, path, "one of " + join(choices, ", "), findings)) return std::nullopt;
  for (std::size_t i = 0; i < choices.size(); ++i)
    if (choices[i] == node.text) return i;
  findings.error(node.pos, path, "there is no " + in_quotes(node.text) + " here", suggest(node.text, choices));
  return std::nullopt;
}

bool expect_map(const YamlNode& node, const std::string& path, std::string_view example, ConfigFindings& findings) {
  if (node.kind == YamlNode::Kind::map) return true;
  if (node.kind == YamlNode::Kind::null)
    findings.warn(node.pos, path, "is empty", "Leave the key out.");
  else if (node.kind != YamlNode::Kind::refused)
    findings.error(node.pos, path, "must be a map, not " + std::string(kind_name(node)), std::string(example));
  return false;
}

bool expect_list(const YamlNode& node, const std::string& path, std::string_view example, ConfigFindings& findings) {
  if (node.kind == YamlNode::Kind::list) return true;
  if (node.kind == YamlNode::Kind::null)
    findings.warn(node.pos, path, "is empty", "Leave the key out.");
  else if (node.kind != YamlNode::Kind::refused)
    findings.error(node.pos, path, "must be a list, not " + std::string(kind_name(node)), std::string(example));
  return false;
}

ConfigSection::ConfigSection(const YamlNode& node, std::string path, std::string_view place, ConfigFindings& findings,
                             Unknown unknown, const Hint& hint)
    : node_(node), path_(std::move(path)), place_(config_place(place)), findings_(findings) {
  check_keys(unknown, hint);
}

void ConfigSection::check_keys(Unknown unknown, const Hint& hint_for) const {
  for (const YamlEntry& entry : node_.entries) {
    const std::string path = path_of(entry.key);
    const ConfigKey* known = find_key(place_, entry.key);
    if (!known && unknown == Unknown::allowed) {
      const std::string hint = did_you_mean(entry.key, present_keys(place_));
      if (!hint.empty()) findings_.warn(entry.key_pos, path, "is none of DSO's own settings", hint);
    } else if (!known) {
      std::string next = hint_for ? hint_for(entry.key) : "";
      if (next.empty()) next = unknown_key_hint(entry.key, place_);
      findings_.error(entry.key_pos, path, "unknown key", std::move(next));
    } else if (known->kind == ConfigKey::Kind::ignored)
      findings_.warn(entry.key_pos, path, "is ignored", std::string(known->note));
    else if (known->kind == ConfigKey::Kind::refused)
      findings_.error(entry.key_pos, path, "is not supported yet", std::string(known->note));
  }
}

const YamlNode* ConfigSection::find(std::string_view key) const {
  const YamlEntry* entry = node_.find(key);
  return entry ? &entry->value : nullptr;
}

SourcePos ConfigSection::pos_of(std::string_view key) const {
  const YamlEntry* entry = node_.find(key);
  return entry ? entry->key_pos : node_.pos;
}

std::optional<std::string> ConfigSection::text(std::string_view key) const {
  const YamlNode* node = find(key);
  return node ? read_text(*node, path_of(key), findings_) : std::nullopt;
}

std::optional<bool> ConfigSection::boolean(std::string_view key) const {
  const YamlNode* node = find(key);
  return node ? read_bool(*node, path_of(key), findings_) : std::nullopt;
}

std::optional<std::int64_t> ConfigSection::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
  const YamlNode* node = find(key);
  if (!node) return std::nullopt;
  const std::string range = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (!is_single(*node, path_of(key), range, findings_)) return std::nullopt;
  const std::string& t = node->text;
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(t.data(), t.data() + t.size(), number);
  // A leading zero means octal to some YAML readers and nothing to others.
  const bool padded = t.size() > 1 && t[0] == '0';
  if (!node->plain || failed != std::errc() || end != t.data() + t.size() || padded || number < least || number > most) {
    const bool number_in_quotes = !node->plain && failed == std::errc() && end == t.data() + t.size();
    error(key, "must be " + range + ", not " + in_quotes(t), number_in_quotes ? "Write it without quotes." : "");
    return std::nullopt;
  }
  return number;
}

std::optional<std::chrono::milliseconds> ConfigSection::duration(std::string_view key, DurationBounds bounds) const {
  const YamlNode* node = find(key);
  if (!node || !is_single(*node, path_of(key), "a duration as '2m' or '500ms'", findings_)) return std::nullopt;
  const auto parsed = parse_duration(node->text);
  if (parsed.has_error()) {
    findings_.error(node->pos, path_of(key), parsed.error().cause, parsed.error().next);
    return std::nullopt;
  }
  if (*parsed < bounds.least || *parsed > bounds.most) {
    findings_.error(node->pos, path_of(key), in_quotes(node->text) + " is out of bounds",
                    "From " + format_duration(bounds.least) + " to " + format_duration(bounds.most) + ".");
    return std::nullopt;
  }
  return *parsed;
}

std::optional<std::size_t> ConfigSection::choice(std::string_view key) const {
  const YamlNode* node = find(key);
  const ConfigKey* row = find_key(place_, key);
  return node && row ? read_choice(*node, path_of(key), row->choices, findings_) : std::nullopt;
}

std::optional<std::string> ConfigSection::choice_text(std::string_view key) const {
  const auto index = choice(key);
  if (!index) return std::nullopt;
  return std::string(find_key(place_, key)->choices[*index]);
}

std::optional<ConfigSection> ConfigSection::section(std::string_view key, std::string_view place, const Hint& hint) const {
  const YamlNode* node = find(key);
  if (!node || !expect_map(*node, path_of(key), {}, findings_)) return std::nullopt;
  return ConfigSection(*node, path_of(key), place, findings_, Unknown::error, hint);
}

void ConfigSection::error(std::string_view key, std::string message, std::string hint) const {
  const YamlNode* node = find(key);
  findings_.error(node && node->kind != YamlNode::Kind::map && node->kind != YamlNode::Kind::list ? node->pos : pos_of(key),
                  path_of(key), std::move(message), std::move(hint));
}

void ConfigSection::warn(std::string_view key, std::string message, std::string hint) const {
  findings_.warn(pos_of(key), path_of(key), std::move(message), std::move(hint));
}

}  // namespace dso
