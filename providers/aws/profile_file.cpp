// Line by line, as the SDKs' common specification has it: sections, properties, continuation lines, comments.
#include "profile_file.h"

#include <algorithm>

#include "aws_text.h"

namespace aws {
namespace {

bool all_of_name(std::string_view text, std::string_view also) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [also](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || also.find(c) != std::string_view::npos;
  });
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

class Parser {
 public:
  explicit Parser(FileKind kind) : kind_(kind) {}

  ProfileFile run(std::string_view text) {
    for (std::size_t at = 0; at <= text.size() && out_.error.empty();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      ++line_;
      line(text.substr(at, end - at));
      at = end + 1;
    }
    if (!out_.error.empty()) return {.profiles = {}, .sso_sessions = {}, .services = {}, .error = out_.error};
    return std::move(out_);
  }

 private:
  void fail(std::string what) { out_.error = "line " + std::to_string(line_) + ": " + std::move(what); }

  void line(std::string_view text) {
    if (trimmed(text).empty()) return;
    if (text.front() == '#' || text.front() == ';') return;
    if (text.front() == '[') return section(text);
    if (is_blank(text.front())) return continuation(trimmed(text));
    new_property(text);
  }

  void section(std::string_view text) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return fail("Profile definition must end with ']'");
    std::string_view name = trimmed(text.substr(1, end - 1));
    in_section_ = true;
    current_ = nullptr;
    value_ = nullptr;
    skip_property_ = false;
    std::string_view prefix;
    for (const std::string_view word : {"profile", "sso-session", "services"})
      if (name.starts_with(word) && name.size() > word.size() && is_blank(name[word.size()])) prefix = word;
    if (!prefix.empty()) name = trimmed(name.substr(prefix.size()));
    if (!all_of_name(name, "-_/.%@:+")) return;  // an invalid name: its properties are ignored
    if (prefix == "sso-session" || prefix == "services") {
      if (kind_ == FileKind::config) current_ = &(prefix == "services" ? out_.services : out_.sso_sessions)[std::string(name)];
      return;
    }
    if (kind_ == FileKind::credentials) {
      if (prefix.empty()) current_ = &out_.profiles[std::string(name)];
      return;
    }
    if (prefix.empty() && name != "default") return;
    if (name == "default") {  // [profile default] replaces [default], wherever they stand
      if (prefix.empty() && prefixed_default_) return;
      if (!prefix.empty() && !prefixed_default_) out_.profiles.erase("default");
      prefixed_default_ = prefixed_default_ || !prefix.empty();
    }
    current_ = &out_.profiles[std::string(name)];
  }

  void new_property(std::string_view text) {
    if (!in_section_) return fail("Expected a profile definition");
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return fail("Expected an '=' sign defining a property");
    const std::string_view name = trimmed(text.substr(0, equals));
    if (name.empty()) return fail("Property did not have a name");
    value_ = nullptr;
    skip_property_ = !current_ || !all_of_name(name, "-_/.%@:+");
    if (skip_property_) return;
    std::string_view value = text.substr(equals + 1);
    for (std::size_t i = 1; i < value.size(); ++i)
      if ((value[i] == '#' || value[i] == ';') && is_blank(value[i - 1])) {
        value = value.substr(0, i);
        break;
      }
    value_ = &(*current_)[lower(name)];
    *value_ = secret(trimmed(value));
    nested_ = value_->empty();
  }

  void continuation(std::string_view text) {
    if (!in_section_) return fail("Expected a profile definition");
    if (!value_) return skip_property_ || !current_ ? void() : fail("Expected a property definition, found continuation");
    if (nested_) {
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos) return fail("Expected an '=' sign defining a sub-property");
      if (trimmed(text.substr(0, equals)).empty()) return fail("Sub-property did not have a name");
    }
    append(*value_, "\n");
    append(*value_, text);
  }

  FileKind kind_;
  ProfileFile out_;
  int line_ = 0;
  bool in_section_ = false, prefixed_default_ = false, skip_property_ = false, nested_ = false;
  Properties* current_ = nullptr;  ///< Null: a section that is ignored.
  Secret* value_ = nullptr;        ///< Of the property that lines may continue.
};

void merge(std::map<std::string, Properties, std::less<>>& into, std::map<std::string, Properties, std::less<>>&& from) {
  for (auto& [name, properties] : from)
    for (auto& [key, value] : properties) into[name][key] = std::move(value);
}

}  // namespace

std::string_view property(const Properties& properties, std::string_view name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string_view() : view(found->second);
}

ProfileFile parse_profiles(std::string_view text, FileKind kind) {
  return Parser(kind).run(text);
}

ProfileFile merged(ProfileFile config, ProfileFile credentials) {
  for (const auto& profile : credentials.profiles) config.profiles[profile.first];
  merge(config.profiles, std::move(credentials.profiles));
  if (config.error.empty()) config.error = std::move(credentials.error);
  return config;
}

std::string_view nested_property(const Properties& properties, std::string_view name, std::string_view inner) {
  std::string_view rest = property(properties, name);
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    const std::size_t equals = one.find('=');
    if (equals != std::string_view::npos && trimmed(one.substr(0, equals)) == inner) return trimmed(one.substr(equals + 1));
  }
  return {};
}

}  // namespace aws
