// The rules for names, with a UTF-8 check and an edit distance.
#include "vault/store_names.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "vault/value_text.h"

namespace dso::vault {
namespace {

/// C0, DEL, C1, and the characters that reorder the text around them on a terminal.
bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

Result<void> check_name(std::string_view name, const std::string& kind) {
  const auto refused = [&](std::string cause) {
    return make_error(ErrorClass::invalid_request, "Cannot use this name of a " + kind, std::move(cause));
  };
  if (name.empty()) return refused("it is empty");
  if (name.size() > kMaxNameBytes)
    return refused("it has " + std::to_string(name.size()) + " bytes, at most " + std::to_string(kMaxNameBytes) + " are allowed");
  if (name[0] == '-' || name[0] == '/') return refused(std::string("it starts with '") + name[0] + "'");
  for (std::size_t at = 0; at < name.size();) {
    const CodePoint c = code_point(name, at);
    if (c.length == 0) return refused("it is not UTF-8 text");
    if (is_control(c.value)) return refused("it holds a control character");
    if (c.value == '#') return refused("it holds a '#', which separates a secret's name from a field's");
    at += c.length;
  }
  return {};
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

Result<void> check_secret_name(std::string_view name) {
  return check_name(name, "secret");
}
Result<void> check_field_name(std::string_view field) {
  return check_name(field, "field");
}

Result<void> check_value_size(std::string_view name, std::size_t bytes) {
  if (bytes <= kMaxValueBytes) return {};
  return make_error(ErrorClass::invalid_request, "Cannot store the value of '" + std::string(name) + "'",
                    "it is larger than the limit of " + std::to_string(kMaxValueBytes) + " bytes (1 MiB)");
}

std::string similar_name(std::string_view wanted, const std::vector<std::string>& names) {
  std::string best;
  std::size_t distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string& name : names) {
    // The last segment alone ("db" for "myapp/db") is a common slip too.
    const bool is_tail = name.size() > wanted.size() && name.ends_with(wanted) && name[name.size() - wanted.size() - 1] == '/';
    const std::size_t d = is_tail ? 1 : edit_distance(wanted, name);
    if (d < distance && d < wanted.size()) {  // not one short name for any other
      distance = d;
      best = name;
    }
  }
  return best;
}

}  // namespace dso::vault
