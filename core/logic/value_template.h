// A file made of several fields of one secret: "postgres://{{user}}:{{password}}@db/app". Stands where a field stands in a
// mapping. Pure; the result lies in secret memory.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/secret.h"

namespace dso {

/// A field that holds "{{" is meant as a template.
bool is_template(std::string_view field);
/// Why it cannot be one, before any secret is read; nothing: it can.
std::optional<std::string> why_not_template(std::string_view text);
/// Each {{field}} in place; what stands between the braces is a field as in mappings, "#a.b" too. Errors as of select_field.
Result<SecretBytes> render_template(const SecretValue& secret, std::string_view text);

}  // namespace dso
