// Members of a JSON object with their types checked: missing and null are empty, another type is an error that names the
// path. Keeps the first error, so that a caller reads all members and asks once.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace dso {

/// Borrows the object; shares the error with the readers of its children.
class JsonReader {
 public:
  /// `object` may be null: then every member is missing.
  JsonReader(const boost::json::object* object, std::string path, std::optional<Error>& error)
      : object_(object), path_(std::move(path)), error_(error) {}

  std::string text(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;
  bool boolean(std::string_view key, bool fallback) const;
  std::vector<std::string> texts(std::string_view key) const;
  std::map<std::string, std::string> text_map(std::string_view key) const;
  JsonReader child(std::string_view key) const;
  /// The names of all members, in the text's order.
  std::vector<std::string> keys() const;
  bool has(std::string_view key) const { return find(key) != nullptr; }
  /// Each element of an array of objects.
  void each(std::string_view key, const std::function<void(const JsonReader&)>& visit) const;
  /// A Malformed error about a member.
  void fail(std::string_view key, std::string_view problem) const;

 private:
  const boost::json::value* find(std::string_view key) const;
  std::string path_to(std::string_view key) const;
  const boost::json::object* object_;
  std::string path_;
  std::optional<Error>& error_;
};

}  // namespace dso
