// Boost.JSON stands behind this file for parsing; the scanner below only walks texts that Boost has accepted.
#include "wiping_json.h"

#include <string.h>

#include <algorithm>
#include <boost/json/parser.hpp>
#include <cstring>

namespace wiping {
namespace json = boost::json;
namespace {

/// The host's memory for parsed values and the parser's own scratch. Remembers each size itself: Boost 1.81 gives blocks back as
/// shorter than they were.
class WipingResource final : public json::memory_resource {
  static constexpr std::size_t kHead = 16;  // keeps the alignment

  void* do_allocate(std::size_t n, std::size_t) override {
    char* const p = static_cast<char*>(dso::sdk::secret_allocate(n + kHead));
    std::memcpy(p, &n, sizeof n);
    return p + kHead;
  }
  void do_deallocate(void* p, std::size_t, std::size_t) override {
    std::size_t n = 0;
    char* const head = static_cast<char*>(p) - kHead;
    std::memcpy(&n, head, sizeof n);
    dso::sdk::secret_deallocate(head, n + kHead);
  }
  bool do_is_equal(const json::memory_resource& o) const noexcept override { return this == &o; }
};

json::storage_ptr wiping() {
  static WipingResource resource;  // stateless, so one for all
  return &resource;
}

/// The parser unescapes strings in a buffer on the stack; this goes over where it was.
__attribute__((noinline)) void wipe_stack() {
  char used[16 * 1024];
  explicit_bzero(used, sizeof used);
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// A place in a valid JSON text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  char peek() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void take() { ++at_; }
  std::string_view value() {
    peek();
    const std::size_t from = at_;
    skip();
    return text_.substr(from, at_ - from);
  }

 private:
  void skip() {
    const char first = peek();
    if (first == '"') return skip_string();
    if (first != '{' && first != '[') {
      while (at_ < text_.size() && std::string_view(",]} \t\n\r").find(text_[at_]) == std::string_view::npos) ++at_;
      return;
    }
    for (int depth = 0; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return;
    }
  }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    if (at_ < text_.size()) ++at_;
    at_ = std::min(at_, text_.size());
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

std::vector<RawMember> members_of(std::string_view object) {
  std::vector<RawMember> out;
  Scanner s(object);
  if (s.peek() != '{') return out;
  s.take();
  while (s.peek() == '"') {
    std::string_view key = s.value();
    key = key.substr(1, key.size() - 2);
    if (s.peek() != ':') return out;
    s.take();
    out.push_back({key, s.value()});
    if (s.peek() != ',') return out;
    s.take();
  }
  return out;
}

__attribute__((noinline)) json::value parse_whole(std::string_view text) {
  json::parser parser(wiping());  // its scratch
  parser.reset(wiping());         // its result
  boost::system::error_code failed;
  parser.write(text.data(), text.size(), failed);
  if (failed) return json::value(nullptr, wiping());
  return parser.release();
}

}  // namespace

std::optional<Document> Document::parse(std::string_view text) {
  json::value whole = parse_whole(text);
  wipe_stack();
  if (!whole.is_object()) return std::nullopt;
  return Document(std::move(whole));
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  return v ? v->if_object() : nullptr;
}

const json::array* array_at(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  return v ? v->if_array() : nullptr;
}

std::string_view string_at(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  if (!v || !v->is_string()) return {};
  return {v->get_string().data(), v->get_string().size()};
}

std::int64_t integer_at(const json::object& object, std::string_view key, std::int64_t otherwise) {
  const json::value* v = object.if_contains(key);
  return v && v->is_int64() ? v->get_int64() : otherwise;
}

bool bool_at(const json::object& object, std::string_view key) {
  const json::value* v = object.if_contains(key);
  return v && v->is_bool() && v->get_bool();
}

bool has(const json::object& object, std::string_view key) {
  return object.if_contains(key) != nullptr;
}

std::vector<RawMember> raw_members(std::string_view text, std::initializer_list<std::string_view> path) {
  std::vector<RawMember> members = members_of(text);
  for (const std::string_view key : path) {
    std::string_view inner;
    for (const RawMember& m : members)
      if (m.key == key) inner = m.value;  // as the parser: the last of several
    members = members_of(inner);
  }
  return members;
}

Secret compact_json(std::string_view raw, Escapes escapes) {
  Secret out;
  out.reserve(raw.size());
  bool in_string = false;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (!in_string && is_space(c)) continue;
    if (c == '"') in_string = !in_string;
    if (!in_string || c != '\\') {
      out.push_back(c);
      continue;
    }
    const std::string_view escape = escapes == Escapes::html ? raw.substr(i, 6) : std::string_view();
    const char html = escape == "\\u003c" ? '<' : escape == "\\u003e" ? '>' : escape == "\\u0026" ? '&' : '\0';
    if (html) {
      out.push_back(html);
      i += 5;
    } else if (i + 1 < raw.size()) {
      out.push_back(c);
      out.push_back(raw[++i]);
    }
  }
  return out;
}

void append_json_string(Secret& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      append(out, "\\u00");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

Secret json_object(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  Secret out;
  out.push_back('{');
  for (const auto& [key, value] : members) {
    if (out.size() > 1) out.push_back(',');
    append_json_string(out, key);
    out.push_back(':');
    append_json_string(out, value);
  }
  out.push_back('}');
  return out;
}

}  // namespace wiping
