// Quotes only where a reader would otherwise change something: most lines are then the same in both syntaxes.
#include "logic/env_lines.h"

#include <algorithm>
#include <string>

#include "logic/text.h"

namespace dso {
namespace {

Error cannot(const SecretValue& secret, const std::string& field, std::string cause) {
  return make_error(ErrorClass::invalid_request, "Cannot write secret '" + secret.name + "' as lines of an env file",
                    "its field '" + field + "' " + std::move(cause),
                    "Get it with `dso secret get " + secret.name + "#" + field + "`, or deliver it as a file.");
}

bool is_plain(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:@%+=,~^*!?&;()[]{}<>|").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

void append_quoted(SecretBuffer& out, std::string_view value) {
  const bool single = value.find('\'') == std::string_view::npos && value.find('\\') == std::string_view::npos;
  out.push_back(single ? '\'' : '"');
  for (const char c : value) {
    if (!single && (c == '"' || c == '\\' || c == '$')) out.push_back('\\');
    out.push_back(c);
  }
  out.push_back(single ? '\'' : '"');
}

}  // namespace

Result<SecretBuffer> env_lines(const SecretValue& secret, EnvSyntax syntax) {
  SecretBuffer out;
  for (const SecretField& f : secret.fields) {
    const std::string_view value = f.value.reveal();
    if (!is_env_name(f.name)) return cannot(secret, f.name, "has no variable's name: letters, digits and '_'");
    if (value.find_first_of("\r\n") != std::string_view::npos) return cannot(secret, f.name, "has a line break");
    if (value.find('\0') != std::string_view::npos) return cannot(secret, f.name, "has a NUL");
    if (first_invalid_utf8(value)) return cannot(secret, f.name, "is no UTF-8 text");
    append(out, f.name);
    out.push_back('=');
    if (syntax == EnvSyntax::raw || is_plain(value))
      append(out, value);
    else
      append_quoted(out, value);
    out.push_back('\n');
  }
  return out;
}

}  // namespace dso
