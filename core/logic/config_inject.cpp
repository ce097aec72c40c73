// Type, path, owner, mode; each checked where it is written.
#include "logic/config_inject.h"

#include <algorithm>

#include "logic/delivery_names.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::string_view kFileKeys[] = {"path", "uid", "gid", "mode"};

/// What is wrong with a path inside a container, or "". Without a '/' at its end it may be a file or a folder; which one is
/// known only with the secret's fields, so it is wrong only if it can be neither.
std::string path_problem(std::string_view path) {
  if (!path.starts_with('/')) return "it is not absolute";
  const bool folder = path.ends_with('/');
  if (folder) path.remove_suffix(1);
  const auto as_folder = why_not_folder(path);
  if (!as_folder) return {};
  if (folder || path.empty()) return *as_folder;
  const std::size_t slash = path.rfind('/');
  const bool as_file = !why_not_file_name(path.substr(slash + 1)) && !why_not_folder(path.substr(0, slash));
  return as_file ? std::string() : *as_folder;
}

void read_path(const ConfigSection& section, Inject& inject) {
  const auto path = section.text("path");
  if (!path) return;
  const std::string problem = path_problem(*path);
  if (problem.empty())
    inject.path = *path;
  else
    section.error("path", in_quotes(*path) + " cannot be used: " + problem, "For example /run/secrets/db.");
}

void read_id(const ConfigSection& section, std::string_view key, std::optional<std::uint32_t>& id) {
  if (auto number = section.integer(key, 0, kHighestId)) id = static_cast<std::uint32_t>(*number);
}

bool all_octal(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '7'; });
}

/// "400" of "400", "0400", "0o400"; "" for what is no octal number.
std::string_view octal_digits(std::string_view text) {
  if (text.starts_with("0o")) text.remove_prefix(2);
  while (text.size() > 3 && text.starts_with('0')) text.remove_prefix(1);
  return all_octal(text) ? text : std::string_view();
}

void read_mode(const ConfigSection& section, std::optional<std::uint32_t>& mode) {
  const YamlNode* node = section.find("mode");
  if (!node || node->kind == YamlNode::Kind::refused) return;
  if (node->kind != YamlNode::Kind::text) {
    section.error("mode", "must be an octal number in quotes, not " + std::string(kind_name(*node)),
                  "For example mode: \"0400\".");
    return;
  }
  const std::string_view digits = octal_digits(node->text);
  if (node->plain) {
    const bool shown = digits.size() == 3;
    section.error("mode", "must be an octal number in quotes: without them YAML readers disagree about " + in_quotes(node->text),
                  "Write mode: \"0" + std::string(shown ? digits : "400") + "\".");
  } else if (digits.size() == 4 && !node->text.starts_with("0o")) {
    section.error("mode", in_quotes(node->text) + " has setuid, setgid or sticky bits, which a secret must not have",
                  "Write mode: \"0" + std::string(digits.substr(1)) + "\".");
  } else if (digits.size() != 3 || node->text.size() > 4 || node->text.starts_with("0o")) {
    section.error("mode", in_quotes(node->text) + " is not an octal mode",
                  "Three digits from 0 to 7 with a 0 before them, as \"0400\".");
  } else {
    const auto bits = static_cast<std::uint32_t>(std::stoul(std::string(digits), nullptr, 8));
    if ((bits & 0444) == 0)
      section.error("mode", "nobody could read a file of mode " + in_quotes(node->text), "For example mode: \"0400\".");
    else
      mode = bits;
  }
}

/// The type that a map means: what it says, else what its keys can only mean, else the base's.
InjectType type_of(const ConfigSection& section, const Inject& base) {
  if (auto index = section.choice("type")) return static_cast<InjectType>(*index);
  for (std::string_view key : kFileKeys)
    if (section.has(key)) return InjectType::file;
  return section.has("visible") ? InjectType::env : base.type;
}

Inject started_from(InjectType type, const Inject& base) {
  if (base.type == type) return base;
  Inject fresh;
  fresh.type = type;
  return fresh;
}

}  // namespace

Inject read_inject(const YamlNode& node, const std::string& path, const Inject& base, ConfigFindings& findings) {
  if (node.kind == YamlNode::Kind::text) {
    auto index = read_choice(node, path, inject_choices(), findings);
    return started_from(index ? static_cast<InjectType>(*index) : base.type, base);
  }
  if (!expect_map(node, path, "Write 'file', 'env', or {type: file, path: /run/secrets/db}.", findings)) return base;
  const ConfigSection section(node, path, "inject", findings);
  Inject inject = started_from(type_of(section, base), base);
  if (inject.type == InjectType::file) {
    read_path(section, inject);
    read_id(section, "uid", inject.uid);
    read_id(section, "gid", inject.gid);
    read_mode(section, inject.mode);
    if (section.has("visible"))
      section.error("visible", "means variables, but the type is file", "Leave it out, or set type: env.");
    return inject;
  }
  for (std::string_view key : kFileKeys)
    if (section.has(key)) section.error(key, "means a file, but the type is env", "Leave it out, or set type: file.");
  if (auto visible = section.boolean("visible")) inject.visible = *visible;
  if (inject.visible && section.has("visible"))
    section.warn("visible", "everyone who may use 'docker inspect' will see the values",
                 "Leave it out to keep them out of the container's settings.");
  return inject;
}

}  // namespace dso
