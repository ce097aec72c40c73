// JSON that may hold secrets: Boost.JSON over the host's memory for secrets, locked and wiped when given back, and the exact text
// of members that are not strings. Compiled into each provider that needs it. Pure; no host, no HTTP, nothing of a store.
#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dso/provider_memory.hpp"

namespace wiping {

/// A key, a token, a request body, in the host's locked memory: never a std::string, whose short form lives in the object itself.
using Secret = dso::sdk::SecretText;
using dso::sdk::view;
inline Secret secret(std::string_view text) {
  return dso::sdk::secret_text(text);
}
inline void append(Secret& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

/// A parsed JSON object. The values live in that memory until this object ends.
class Document {
 public:
  /// Empty optional: not JSON, or not an object at its root. Nothing of the text gets into any message.
  static std::optional<Document> parse(std::string_view text);
  const boost::json::object& root() const { return whole_.get_object(); }

 private:
  explicit Document(boost::json::value&& whole) : whole_(std::move(whole)) {}  // moves keep the wiping storage
  boost::json::value whole_;
};

/// Members by key; null or empty where absent or of another type.
const boost::json::object* object_at(const boost::json::object& object, std::string_view key);
const boost::json::array* array_at(const boost::json::object& object, std::string_view key);
std::string_view string_at(const boost::json::object& object, std::string_view key);
std::int64_t integer_at(const boost::json::object& object, std::string_view key, std::int64_t otherwise);
bool bool_at(const boost::json::object& object, std::string_view key);
bool has(const boost::json::object& object, std::string_view key);

/// One member of a JSON object as its text shows it: the raw key (with its escapes) and the raw value.
struct RawMember {
  std::string_view key, value;
};
/// Of a text that Document::parse took. `path`: which nested object, by keys without escapes ({"data", "data"}).
std::vector<RawMember> raw_members(std::string_view text, std::initializer_list<std::string_view> path = {});

/// What a store's encoder did to the text: Go's writes < > & as \u003c \u003e \u0026, which are characters again then.
enum class Escapes { as_they_are, html };
/// Compact JSON of a raw value: no white space, numbers digit for digit (a double's own printing would change 1.5 to 1.5E0
/// and long numbers for good).
Secret compact_json(std::string_view raw, Escapes escapes = Escapes::as_they_are);

/// Appends `text` as a JSON string.
void append_json_string(Secret& out, std::string_view text);
/// {"a":"b",…} with the values escaped.
Secret json_object(std::initializer_list<std::pair<std::string_view, std::string_view>> members);

}  // namespace wiping
