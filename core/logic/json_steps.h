// Small steps in a tree of the engine's JSON that is changed and sent back. A member that is missing, null or of another type is
// "not there": whoever parsed the tree has refused wrong types where it matters.
#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "logic/json_text.h"

namespace dso::json_steps {

namespace json = boost::json;

inline json::object* object_in(json::object& parent, std::string_view key) {
  json::value* v = parent.if_contains({key.data(), key.size()});
  return v ? v->if_object() : nullptr;
}
/// `parent` may be null, as the answer of another step.
inline const json::object* object_in(const json::object* parent, std::string_view key) {
  const json::value* v = parent ? parent->if_contains({key.data(), key.size()}) : nullptr;
  return v ? v->if_object() : nullptr;
}
inline json::array* array_in(json::object& parent, std::string_view key) {
  json::value* v = parent.if_contains({key.data(), key.size()});
  return v ? v->if_array() : nullptr;
}
inline json::object& object_made(json::object& parent, std::string_view key) {
  json::value& v = parent[json::string_view(key.data(), key.size())];
  return v.is_object() ? v.get_object() : v.emplace_object();
}
inline json::array& array_made(json::object& parent, std::string_view key) {
  json::value& v = parent[json::string_view(key.data(), key.size())];
  return v.is_array() ? v.get_array() : v.emplace_array();
}
/// Borrowed from the tree.
inline std::string_view text_of(const json::value& v) {
  const json::string* s = v.if_string();
  return s ? std::string_view(s->data(), s->size()) : std::string_view();
}
inline bool flag_in(const json::object& parent, std::string_view key, bool fallback) {
  const json::value* v = parent.if_contains({key.data(), key.size()});
  return v && v->is_bool() ? v->get_bool() : fallback;
}
inline json::string_view sv(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace dso::json_steps
