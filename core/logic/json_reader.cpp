// Lookups over Boost.JSON; values are copied out, and none of them ever goes into an error.
#include "logic/json_reader.h"

#include <boost/json/array.hpp>
#include <limits>

namespace dso {

std::string JsonReader::path_to(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void JsonReader::fail(std::string_view key, std::string_view problem) const {
  if (error_) return;
  Error e;
  e.cls = ErrorClass::malformed;
  e.what = "Failed to read the engine's answer";
  e.cause = path_to(key) + " " + std::string(problem);
  error_ = std::move(e);
}

const boost::json::value* JsonReader::find(std::string_view key) const {
  const auto* v = object_ ? object_->if_contains(boost::json::string_view(key.data(), key.size())) : nullptr;
  return v && !v->is_null() ? v : nullptr;
}

std::string JsonReader::text(std::string_view key) const {
  const auto* v = find(key);
  if (!v) return {};
  if (const auto* s = v->if_string()) return {s->data(), s->size()};
  fail(key, "is not a text");
  return {};
}

std::int64_t JsonReader::integer(std::string_view key) const {
  const auto* v = find(key);
  if (!v) return 0;
  if (const auto* n = v->if_int64()) return *n;
  fail(key, "is not a whole number");
  return 0;
}

bool JsonReader::boolean(std::string_view key, bool fallback) const {
  const auto* v = find(key);
  if (!v) return fallback;
  if (const auto* b = v->if_bool()) return *b;
  fail(key, "is not true or false");
  return fallback;
}

std::vector<std::string> JsonReader::texts(std::string_view key) const {
  std::vector<std::string> out;
  const auto* v = find(key);
  if (!v) return out;
  const auto* list = v->if_array();
  if (!list) fail(key, "is not a list");
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    if (const auto* s = (*list)[i].if_string())
      out.emplace_back(s->data(), s->size());
    else
      fail(std::string(key) + "[" + std::to_string(i) + "]", "is not a text");
  }
  return out;
}

std::map<std::string, std::string> JsonReader::text_map(std::string_view key) const {
  std::map<std::string, std::string> out;
  const auto* v = find(key);
  if (!v) return out;
  const auto* object = v->if_object();
  if (!object) {
    fail(key, "is not an object");
    return out;
  }
  for (const auto& [name, value] : *object) {
    if (const auto* s = value.if_string())
      out.emplace(std::string(name), std::string(s->data(), s->size()));
    else
      fail(std::string(key) + "." + std::string(name), "is not a text");
  }
  return out;
}

JsonReader JsonReader::child(std::string_view key) const {
  const auto* v = find(key);
  const auto* object = v ? v->if_object() : nullptr;
  if (v && !object) fail(key, "is not an object");
  return JsonReader(object, path_to(key), error_);
}

std::vector<std::string> JsonReader::keys() const {
  std::vector<std::string> out;
  if (!object_) return out;
  for (const auto& member : *object_) out.emplace_back(member.key());
  return out;
}

void JsonReader::each(std::string_view key, const std::function<void(const JsonReader&)>& visit) const {
  const auto* v = find(key);
  if (!v) return;
  const auto* list = v->if_array();
  if (!list) fail(key, "is not a list");
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const std::string at = std::string(key) + "[" + std::to_string(i) + "]";
    if (const auto* object = (*list)[i].if_object())
      visit(JsonReader(object, path_to(at), error_));
    else
      fail(at, "is not an object");
  }
}

}  // namespace dso
