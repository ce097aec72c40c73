// A text counts only if it is a number from its first to its last character.
#include "azure_json.h"

#include <charconv>

namespace azure {

std::int64_t integer_at(const boost::json::object& object, std::string_view key, std::int64_t otherwise) {
  const std::string_view text = string_at(object, key);
  if (text.empty()) return wiping::integer_at(object, key, otherwise);
  std::int64_t out = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), out);
  return bad == std::errc() && end == text.data() + text.size() ? out : otherwise;
}

}  // namespace azure
