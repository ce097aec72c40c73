// The boost::json SAX parser over a value in secret memory. No boost::json::value is built: numbers keep their digits that
// way ("1.10", twenty-digit ids), and every piece of text goes from the input straight into a SecretBuffer.
#include "logic/secret_json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstring>
#include <map>
#include <numeric>
#include <optional>

#include "base/digest.h"
#include "base/hex_digits.h"

namespace dso {
namespace {

namespace json = boost::json;
using Code = json::error_code;

/// Deeper JSON is not taken apart: the parser's memory grows with depth, and the input is a stranger's.
constexpr std::size_t kMaxDepth = 32;

/// Remembers each size itself: Boost 1.81's monotonic_resource gives its blocks back as 32 bytes shorter than they were.
struct SecretResource final : json::memory_resource {
  static constexpr std::size_t kHead = 16;  // keeps the alignment

  void* do_allocate(std::size_t bytes, std::size_t) override {
    char* const p = static_cast<char*>(secret_allocate(bytes + kHead));
    std::memcpy(p, &bytes, sizeof bytes);
    return p + kHead;
  }
  void do_deallocate(void* p, std::size_t, std::size_t) override {
    std::size_t bytes = 0;
    char* const head = static_cast<char*>(p) - kHead;
    std::memcpy(&bytes, head, sizeof bytes);
    secret_deallocate(head, bytes + kHead);
  }
  bool do_is_equal(const json::memory_resource& other) const noexcept override { return &other == this; }
};

void append_escaped(SecretBuffer& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      append(out, "\\u00");
      out.push_back(kHexDigits[byte >> 4]);
      out.push_back(kHexDigits[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
}

/// Collects the members of the outermost object or array; what lies deeper becomes compact JSON text of its member.
class Members {
 public:
  static constexpr std::size_t max_object_size = SIZE_MAX, max_array_size = SIZE_MAX, max_key_size = SIZE_MAX,
                               max_string_size = SIZE_MAX;

  std::vector<SecretField> take() && { return std::move(fields_); }
  bool is_object() const { return root_is_object_; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return open('{'); }
  bool on_object_end(std::size_t, Code&) { return close('}'); }
  bool on_array_begin(Code&) { return open('['); }
  bool on_array_end(std::size_t, Code&) { return close(']'); }

  bool on_key_part(json::string_view s, std::size_t, Code&) {
    if (depth_ == 1) {
      key_.append(s.data(), s.size());
      return true;
    }
    if (!in_text_) append(text_, needs_comma_ ? ",\"" : "\"");
    in_text_ = true;
    append_escaped(text_, {s.data(), s.size()});
    return true;
  }
  bool on_key(json::string_view s, std::size_t n, Code& ec) {
    on_key_part(s, n, ec);
    if (depth_ > 1) append(text_, "\":");
    in_text_ = false;
    needs_comma_ = false;
    return true;
  }
  bool on_string_part(json::string_view s, std::size_t, Code& ec) {
    if (depth_ == 0) return refuse(ec);
    const std::string_view piece(s.data(), s.size());
    if (depth_ == 1) {
      append(text_, piece);
      return true;
    }
    if (!in_text_) append(text_, needs_comma_ ? ",\"" : "\"");
    in_text_ = true;
    append_escaped(text_, piece);
    return true;
  }
  bool on_string(json::string_view s, std::size_t n, Code& ec) {
    if (!on_string_part(s, n, ec)) return false;
    if (depth_ > 1) append(text_, "\"");
    return end_value();
  }
  bool on_number_part(json::string_view s, Code& ec) {
    if (depth_ == 0) return refuse(ec);
    if (!in_text_ && depth_ > 1 && needs_comma_) append(text_, ",");
    in_text_ = true;
    append(text_, {s.data(), s.size()});
    return true;
  }
  bool on_int64(std::int64_t, json::string_view s, Code& ec) { return on_number_part(s, ec) && end_value(); }
  bool on_uint64(std::uint64_t, json::string_view s, Code& ec) { return on_number_part(s, ec) && end_value(); }
  bool on_double(double, json::string_view s, Code& ec) { return on_number_part(s, ec) && end_value(); }
  bool on_bool(bool b, Code& ec) { return on_number_part(b ? "true" : "false", ec) && end_value(); }
  bool on_null(Code& ec) { return on_number_part("null", ec) && end_value(); }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

 private:
  static bool refuse(Code& ec) {
    ec = json::error::syntax;
    return false;
  }
  bool open(char bracket) {
    if (depth_ == 0) root_is_object_ = bracket == '{';
    if (depth_ > 1 && needs_comma_) text_.push_back(',');
    if (depth_ > 0) text_.push_back(bracket);
    ++depth_;
    needs_comma_ = false;
    return true;
  }
  bool close(char bracket) {
    --depth_;
    if (depth_ == 0) return true;
    text_.push_back(bracket);
    return end_value();
  }
  bool end_value() {
    in_text_ = false;
    needs_comma_ = true;
    if (depth_ != 1) return true;
    std::string name = root_is_object_ ? std::exchange(key_, {}) : std::to_string(fields_.size());
    SecretBytes value(std::exchange(text_, {}));
    // A name said twice: the last one counts, as in most JSON readers.
    if (auto [it, is_new] = index_.emplace(name, fields_.size()); is_new)
      fields_.push_back({std::move(name), std::move(value)});
    else
      fields_[it->second].value = std::move(value);
    return true;
  }

  std::vector<SecretField> fields_;
  std::map<std::string, std::size_t> index_;
  std::string key_;
  SecretBuffer text_;
  std::size_t depth_ = 0;
  bool root_is_object_ = false, needs_comma_ = false, in_text_ = false;
};

/// The library unescapes strings in a buffer on the stack: pieces of values stay there until it is overwritten.
[[gnu::noinline]] void wipe_stack_below() {
  char used[32 * 1024];
  explicit_bzero(used, sizeof used);
}

struct ParsedMembers {
  bool is_object = false;
  std::vector<SecretField> fields;
};

[[gnu::noinline]] std::optional<ParsedMembers> parse_members_on_stack(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<Members> parser(options);
  Code ec;
  const std::size_t n = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || !parser.done() || text.find_first_not_of(" \t\r\n", n) != std::string_view::npos) return std::nullopt;
  const bool is_object = parser.handler().is_object();
  return ParsedMembers{is_object, std::move(parser.handler()).take()};
}

/// The members of an object or an array (named by index); nothing for all other text.
std::optional<ParsedMembers> parse_members(std::string_view text) {
  auto out = parse_members_on_stack(text);
  wipe_stack_below();
  return out;
}

Error no_field(const SecretValue& secret, std::string_view path) {
  std::string names;
  for (const auto& f : secret.fields) names += (names.empty() ? "'" : ", '") + f.name + "'";
  return Error{ErrorClass::not_found,
               "Secret '" + secret.name + "' has no field '" + std::string(path) + "'",
               names.empty() ? "it has no fields" : "its fields are " + names,
               "Correct the field's name, or add it in the store.",
               {},
               {},
               {},
               {}};
}

/// Follows "a.b.0" down from `from`. Each step takes the text apart anew: a value that is JSON in a string works too.
std::optional<SecretBytes> descend(const SecretBytes& from, std::string_view path) {
  SecretBytes here = from.clone();
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string_view step = path.substr(0, dot);
    path.remove_prefix(std::min(dot + 1, path.size()));
    auto members = parse_members(here.reveal());
    if (!members) return std::nullopt;
    auto it = std::find_if(members->fields.begin(), members->fields.end(), [&](const SecretField& f) { return f.name == step; });
    if (it == members->fields.end()) return std::nullopt;
    here = std::move(it->value);
  }
  return here;
}

}  // namespace

boost::json::storage_ptr secret_json_storage() {
  static SecretResource* const resource = new SecretResource;  // outlives every value
  return json::storage_ptr(resource);
}

std::vector<SecretField> split_fields(SecretBytes value) {
  if (auto members = parse_members(value.reveal()); members && members->is_object) return std::move(members->fields);
  std::vector<SecretField> one;
  one.push_back({"value", std::move(value)});
  return one;
}

Result<SecretBytes> select_field(const SecretValue& secret, std::string_view path) {
  if (const SecretField* field = secret.find(path)) return field->value.clone();
  const std::size_t hash = path.find('#');
  if (hash == std::string_view::npos) return no_field(secret, path);
  const std::string_view field_name = path.substr(0, hash);
  std::string_view inside = path.substr(hash + 1);
  const bool malformed =
      inside.empty() || inside.front() == '.' || inside.back() == '.' || inside.find("..") != std::string_view::npos;
  if (malformed)
    return Error{ErrorClass::config,
                 "Cannot read the field '" + std::string(path) + "' of secret '" + secret.name + "'",
                 "after '#' come names joined by single dots",
                 "Write it as 'field#a.b' or '#a.b'.",
                 {},
                 {},
                 {},
                 {}};
  const SecretField* field = secret.find(field_name);
  if (field_name.empty()) {
    const std::size_t dot = std::min(inside.find('.'), inside.size());
    field = secret.find(inside.substr(0, dot));
    if (field)
      inside.remove_prefix(std::min(dot + 1, inside.size()));
    else if (secret.fields.size() == 1 && secret.fields[0].name == "value")
      field = &secret.fields[0];
  }
  if (!field) return no_field(secret, path);
  if (auto found = descend(field->value, inside)) return std::move(*found);
  return no_field(secret, path);
}

std::string secret_digest(std::string_view key, const SecretValue& secret) {
  std::vector<const SecretField*> sorted;
  for (const auto& f : secret.fields) sorted.push_back(&f);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  SecretBuffer all;
  all.reserve(std::accumulate(sorted.begin(), sorted.end(), std::size_t{0},
                              [](std::size_t n, const auto* f) { return n + f->name.size() + f->value.size() + 48; }));
  // Lengths in front, so that no two secrets give the same bytes.
  for (const SecretField* f : sorted)
    for (const std::string_view part : {std::string_view(f->name), f->value.reveal()}) {
      append(all, std::to_string(part.size()) + ":");
      append(all, part);
    }
  return hmac_sha256_hex(key, view(all));
}

}  // namespace dso
