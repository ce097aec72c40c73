// The text of a JSON object's member, for whoever takes a missing one, and one of another type, for "". Pure.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

namespace dso {

/// Borrowed from the object.
inline std::string_view text_in(const boost::json::object& object, std::string_view key) {
  const boost::json::value* member = object.if_contains({key.data(), key.size()});
  const boost::json::string* text = member ? member->if_string() : nullptr;
  return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

}  // namespace dso
