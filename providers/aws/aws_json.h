// JSON that may hold secrets: Boost.JSON over memory that is wiped when given back, and the exact text of members that are
// not strings. Pure; no host, no HTTP.
#pragma once
#include <string.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aws {

template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) noexcept {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T))); }
  void deallocate(T* p, std::size_t n) noexcept {
    explicit_bzero(p, n * sizeof(T));
    ::operator delete(p);
  }
  template <class U>
  bool operator==(const WipingAllocator<U>&) const noexcept {
    return true;
  }
};

/// A key, a session token, a signed request: never a std::string, whose short form lives in the object itself.
using Secret = std::vector<char, WipingAllocator<char>>;
inline std::string_view view(const Secret& s) {
  return {s.data(), s.size()};
}
inline Secret secret(std::string_view text) {
  return Secret(text.begin(), text.end());
}
inline void append(Secret& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

/// A parsed JSON object. The values live in wiped memory until this object ends.
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
bool has(const boost::json::object& object, std::string_view key);

/// The raw values of an object's members as its text shows them, in order. Of a text that Document::parse took.
std::vector<std::string_view> raw_values(std::string_view object);

/// A raw value without its white space, digit for digit (a double's own printing would change 1.5 to 1.5E0).
Secret compact_json(std::string_view raw);

/// Appends `text` as a JSON string.
void append_json_string(Secret& out, std::string_view text);

}  // namespace aws
