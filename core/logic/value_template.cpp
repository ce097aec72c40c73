// Straight from left to right: text, field, text, …
#include "logic/value_template.h"

#include "logic/secret_json.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::string_view kOpen = "{{", kClose = "}}";

/// Calls `text` and `field` for the parts in order; why not, if the braces do not match.
template <class Text, class Field>
std::optional<std::string> walk(std::string_view rest, const Text& text, const Field& field) {
  while (true) {
    const std::size_t open = rest.find(kOpen);
    text(rest.substr(0, open));
    if (open == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(open + kOpen.size());
    const std::size_t close = rest.find(kClose);
    if (close == std::string_view::npos) return "'{{' is not closed by '}}'";
    const std::string_view name = trim(rest.substr(0, close));
    if (name.empty()) return "there is no field between '{{' and '}}'";
    field(name);
    rest.remove_prefix(close + kClose.size());
  }
}

}  // namespace

bool is_template(std::string_view field) {
  return field.find(kOpen) != std::string_view::npos;
}

std::optional<std::string> why_not_template(std::string_view text) {
  if (!is_template(text)) return "it names no field: write {{field}} where the value of a field is to stand";
  return walk(
      text, [](std::string_view) {}, [](std::string_view) {});
}

Result<SecretBytes> render_template(const SecretValue& secret, std::string_view text) {
  SecretBuffer out;
  std::optional<Error> error;
  const auto why = walk(
      text, [&](std::string_view part) { append(out, part); },
      [&](std::string_view name) {
        if (error) return;
        auto value = select_field(secret, name);
        if (value.has_error())
          error = std::move(value).error();
        else
          append(out, value->reveal());
      });
  if (why) return make_error(ErrorClass::config, "Cannot read the template of secret '" + secret.name + "'", *why);
  if (error) return *std::move(error);
  return SecretBytes(std::move(out));
}

}  // namespace dso
