// Direction by form: only a path in a store holds a '/', no variable and no file name does. What could mean both is refused
// with both readings shown, since a wrong guess delivers the wrong secret.
#include "logic/config_mappings.h"

#include <algorithm>
#include <map>

#include "logic/pinned_version.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::size_t kLongestSecretName = 2048;

bool has_lower(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// DB_PASSWORD: how variables are written and fields seldom are.
bool looks_like_variable(std::string_view text) {
  return is_env_name(text) && !has_lower(text);
}

std::string_view after_last_slash(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string noun(InjectType inject) {
  return inject == InjectType::env ? "variable" : "file";
}

/// What is wrong with a variable's or file's name, or "", and how to write it.
std::pair<std::string, std::string> destination_problem(std::string_view name, InjectType inject) {
  if (inject == InjectType::env) {
    if (is_variable_name(name)) return {};
    return {in_quotes(name) + " cannot be a variable's name",
            "Letters, digits, '_', '.' and '-', not beginning with a digit, as " + in_quotes(env_name_from(name)) + "."};
  }
  if (name == "." || name == ".." || name.find('/') != std::string_view::npos || name.size() > 255)
    return {in_quotes(name) + " cannot be a file's name", "Give a name without '/'; the folder is 'inject.path'."};
  return {};
}

class MappingsReader {
 public:
  MappingsReader(const std::string& path, InjectType inject, ConfigFindings& findings)
      : path_(path), inject_(inject), findings_(findings) {}

  ReadMappings read(const YamlNode& map) {
    for (const YamlEntry& entry : map.entries) read_entry(entry);
    return std::move(out_);
  }

 private:
  void read_entry(const YamlEntry& entry) {
    const std::string at = dotted(path_, entry.key);
    const auto right = read_text(entry.value, at, findings_);
    if (!right) return;
    if (has_control(entry.key) || entry.key.find_first_not_of(' ') == std::string::npos) {
      findings_.error(entry.key_pos, at, "cannot be a field's name");
    } else if (ambiguous(entry.key, *right)) {
      show_both_readings(entry, *right, at);
    } else if (right->find('/') != std::string::npos) {
      add_path(entry, *right, at);
    } else {
      add_own(entry, *right, at);
    }
  }

  bool ambiguous(std::string_view left, std::string_view right) const {
    if (right.starts_with('/')) return true;
    const bool path = right.find('/') != std::string_view::npos;
    if (left.find('/') != std::string_view::npos) return path;
    if (inject_ == InjectType::env) return path ? !looks_like_variable(left) : looks_like_variable(left) && has_lower(right);
    // `password: certs/db.pem`: a file in a subfolder, or a secret of that path?
    return path && left.find('.') == std::string_view::npos && after_last_slash(right).find('.') != std::string_view::npos;
  }

  void show_both_readings(const YamlEntry& entry, const std::string& right, const std::string& at) {
    const bool path = right.find('/') != std::string::npos;
    const std::string what = noun(inject_);
    std::string first = "field " + in_quotes(entry.key) + " as " + what + " " + in_quotes(right);
    std::string second = what + " " + in_quotes(entry.key) + " from " + (path ? "the secret " : "field ") + in_quotes(right);
    std::string hint;
    if (right.starts_with('/'))
      hint = "A folder belongs in 'inject.path', and the name here has no '/'.";
    else if (path)
      hint = "For the first give a name without '/'; for the second make it a secret of its own: {name: " + printable(right) +
             ", mappings: {value: " + printable(inject_ == InjectType::env ? env_name_from(entry.key) : entry.key) + "}}.";
    else
      hint = "The field comes first. For the second write " + printable(right) + ": " + printable(entry.key) +
             "; for the first write '#" + printable(entry.key) + "': " + printable(right) + ".";
    findings_.error(entry.key_pos, at, "can be read in two ways: " + first + ", or " + second, hint);
  }

  /// False after a finding.
  bool take_destination(const std::string& name, SourcePos pos, const std::string& at) {
    if (auto [problem, hint] = destination_problem(name, inject_); !problem.empty()) {
      findings_.error(pos, at, problem, hint);
      return false;
    }
    const auto [first, fresh] = lines_.emplace(name, pos.line);
    if (!fresh)
      findings_.error(pos, at, "the " + noun(inject_) + " " + in_quotes(name) + " is there twice",
                      "It was first given in line " + std::to_string(first->second) + ".");
    return fresh;
  }

  void add_own(const YamlEntry& entry, const std::string& right, const std::string& at) {
    if (entry.key == "#") {
      findings_.error(entry.key_pos, at, "names no field after '#'", "For example '#database.password'.");
      return;
    }
    if (take_destination(right, entry.value.pos, at)) out_.own.push_back({entry.key, right});
  }

  void add_path(const YamlEntry& entry, const std::string& right, const std::string& at) {
    const auto hash = right.find('#');
    const std::string name = right.substr(0, hash);
    const std::string field = hash == std::string::npos ? "value" : right.substr(hash + 1);
    std::string problem = secret_name_problem(name);
    if (field.empty()) problem = "names no field after '#'";
    if (!problem.empty()) {
      findings_.error(entry.value.pos, at, in_quotes(right) + " " + problem);
      return;
    }
    if (!take_destination(entry.key, entry.key_pos, at)) return;
    findings_.warn(entry.key_pos, at, "a name with a path behind it is an older spelling",
                   "Write {name: " + printable(name) + ", mappings: {" + printable(field) + ": " + printable(entry.key) + "}}.");
    const auto [place, fresh] = places_.emplace(name, out_.by_path.size());
    if (fresh) out_.by_path.push_back({name, {}});
    out_.by_path[place->second].second.push_back({field, entry.key});
  }

  const std::string& path_;
  InjectType inject_;
  ConfigFindings& findings_;
  ReadMappings out_;
  std::map<std::string, int> lines_;           ///< Of the destinations.
  std::map<std::string, std::size_t> places_;  ///< In by_path.
};

}  // namespace

ReadMappings read_mappings(const YamlNode& node, const std::string& path, InjectType inject, ConfigFindings& findings) {
  if (!expect_map(node, path, "For example {password: DB_PASSWORD}: the field, then its name in the container.", findings))
    return {};
  return MappingsReader(path, inject, findings).read(node);
}

std::string secret_name_problem(std::string_view name) {
  if (name.empty()) return "is empty";
  if (trim(name) != name) return "begins or ends with a blank";
  if (name.size() > kLongestSecretName) return "is too long";
  if (has_control(name)) return "holds a control character";
  if (name.find('#') != std::string_view::npos)
    return "holds a '#', which begins a field in references; use 'mappings' to choose fields";
  if (name.find(kPin) != std::string_view::npos && (without_pin(name).empty() || pin_of(name).empty()))
    return "names no secret or no version beside '?version='";
  for (std::size_t from = 0; from <= name.size();) {
    const std::size_t end = std::min(name.find('/', from), name.size());
    const std::string_view part = name.substr(from, end - from);
    if (part == ".." || part == ".") return "holds '.' or '..' as a part of its path";
    from = end + 1;
  }
  return {};
}

}  // namespace dso
