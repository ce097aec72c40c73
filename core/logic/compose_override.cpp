// Writes YAML by hand: every scalar double-quoted, so that no value can be anything but a text.
#include "logic/compose_override.h"

#include "base/hex_digits.h"

namespace dso {
namespace {

class Yaml {
 public:
  Yaml& raw(std::string_view text) {
    append(out_, text);
    return *this;
  }
  /// Double-quoted; what YAML forbids to stand raw is escaped.
  Yaml& quoted(std::string_view text, bool double_dollar) {
    out_.push_back('"');
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      const auto u = static_cast<unsigned char>(c);
      const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
      if (c == '"' || c == '\\') {
        out_.push_back('\\');
        out_.push_back(c);
      } else if (u < 0x20 || u == 0x7f) {
        hex(u, kHexDigits);
      } else if (u == 0xc2 && next >= 0x80 && next <= 0x9f) {  // U+0080 to U+009F, by their number
        hex(static_cast<unsigned char>(next), kHexDigits);
        ++i;
      } else {
        out_.push_back(c);
        if (c == '$' && double_dollar) out_.push_back('$');
      }
    }
    out_.push_back('"');
    return *this;
  }
  Yaml& value(std::string_view text) { return quoted(text, true); }
  /// Compose does not interpolate keys.
  Yaml& key(std::string_view text) { return quoted(text, false); }
  Yaml& list(const std::vector<std::string>& texts) {
    raw("[");
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (i) raw(", ");
      value(texts[i]);
    }
    return raw("]");
  }
  SecretBuffer take() { return std::move(out_); }

 private:
  void hex(unsigned char u, const char* digits) {
    raw("\\x");
    out_.push_back(digits[u >> 4]);
    out_.push_back(digits[u & 15]);
  }
  SecretBuffer out_;
};

void write_environment(Yaml& yaml, const ServiceOverride& s) {
  if (s.reset.empty() && s.blank.empty() && s.set.empty() && s.visible.empty()) return;
  yaml.raw("    environment:\n");
  for (const std::string& name : s.reset) yaml.raw("      ").key(name).raw(": !reset null\n");
  for (const std::string& name : s.blank) yaml.raw("      ").key(name).raw(": \"\"\n");
  for (const auto& [name, path] : s.set) yaml.raw("      ").key(name).raw(": ").value(path).raw("\n");
  for (const auto& [name, text] : s.visible) yaml.raw("      ").key(name).raw(": ").value(text).raw("\n");
}

void write_service(Yaml& yaml, const ServiceOverride& s) {
  yaml.raw("  ").key(s.name).raw(":\n");
  write_environment(yaml, s);
  if (s.start) {
    yaml.raw("    entrypoint: ").list(s.start->entrypoint).raw("\n");
    yaml.raw("    command: ").list(s.start->command).raw("\n");
  }
  if (!s.health_test.empty()) yaml.raw("    healthcheck:\n      test: ").list(s.health_test).raw("\n");
  if (!s.labels.empty()) {
    yaml.raw("    labels:\n");
    for (const auto& [name, text] : s.labels) yaml.raw("      ").key(name).raw(": ").value(text).raw("\n");
  }
  if (s.mounts.empty()) return;
  yaml.raw("    volumes:\n");
  for (const ScopeMount& m : s.mounts) {
    yaml.raw("      - type: bind\n        source: ").value(m.host_path);
    yaml.raw("\n        target: ").value(m.container_path);
    yaml.raw("\n        read_only: true\n        bind: {create_host_path: false}\n");
  }
}

}  // namespace

SecretBuffer compose_override(const std::vector<ServiceOverride>& services) {
  Yaml yaml;
  if (services.empty()) return std::move(yaml.raw("services: {}\n")).take();
  yaml.raw("services:\n");
  for (const ServiceOverride& s : services) write_service(yaml, s);
  return yaml.take();
}

std::vector<std::string> shimmed_health_test(const std::vector<std::string>& test, const std::vector<std::string>& shell) {
  if (test.size() < 2 || test[1] == "/run/dso/init" || (test[0] != "CMD-SHELL" && test[0] != "CMD")) return test;
  std::vector<std::string> out = {"CMD", "/run/dso/init"};
  if (test[0] == "CMD-SHELL" && shell.empty()) out.insert(out.end(), {"/bin/sh", "-c"});
  if (test[0] == "CMD-SHELL") out.insert(out.end(), shell.begin(), shell.end());
  out.insert(out.end(), test.begin() + 1, test.end());
  return out;
}

std::string shimmed_health_command(const std::vector<std::string>& test, const std::vector<std::string>& shell) {
  const std::vector<std::string> words = shimmed_health_test(test, shell);
  if (words == test) return {};
  std::string out = "exec";
  for (std::size_t i = 1; i < words.size(); ++i) {
    out += " '";
    for (char c : words[i]) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += "'";
  }
  return out;
}

}  // namespace dso
