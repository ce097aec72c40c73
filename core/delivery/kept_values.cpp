// "dso-values 1\n", the number of secrets, then of each: instance, name, version, the number of fields, name and value of each.
#include "delivery/kept_values.h"

#include <charconv>
#include <string>

namespace dso::delivery {
namespace {

constexpr std::string_view kHead = "dso-values 1\n";

void put(SecretBuffer& out, std::string_view part) {
  append(out, std::to_string(part.size()) + ":");
  append(out, part);
}
void put_number(SecretBuffer& out, std::size_t n) {
  append(out, std::to_string(n) + ":");
}

/// Reads from the front; once something does not fit, nothing does.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool head(std::string_view text) {
    good_ = rest_.starts_with(text);
    if (good_) rest_.remove_prefix(text.size());
    return good_;
  }
  std::size_t number() {
    std::size_t n = 0;
    const char* const end = rest_.data() + rest_.size();
    const auto [stopped, error] = std::from_chars(rest_.data(), end, n);
    good_ = good_ && error == std::errc() && stopped != end && *stopped == ':';
    if (!good_) return 0;
    rest_.remove_prefix(static_cast<std::size_t>(stopped - rest_.data()) + 1);
    return n;
  }
  std::string_view part() {
    const std::size_t n = number();
    good_ = good_ && n <= rest_.size();
    if (!good_) return {};
    const std::string_view out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }
  bool good() const { return good_; }
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

SecretBuffer encode_values(const std::map<SecretKey, SecretValue>& values) {
  SecretBuffer out;
  append(out, kHead);
  put_number(out, values.size());
  for (const auto& [key, value] : values) {
    put(out, key.instance);
    put(out, key.name);
    put(out, value.version);
    put_number(out, value.fields.size());
    for (const SecretField& f : value.fields) {
      put(out, f.name);
      put(out, f.value.reveal());
    }
  }
  return out;
}

Result<std::map<SecretKey, SecretValue>> decode_values(std::string_view bytes) {
  Reader in(bytes);
  std::map<SecretKey, SecretValue> out;
  in.head(kHead);
  for (std::size_t left = in.number(); left > 0 && in.good(); --left) {
    SecretKey key;
    key.instance = in.part();
    key.name = in.part();
    SecretValue value{key.name, std::string(in.part()), {}};
    for (std::size_t fields = in.number(); fields > 0 && in.good(); --fields) {
      std::string name(in.part());
      value.fields.push_back({std::move(name), SecretBytes::copy_of(in.part())});
    }
    out.insert_or_assign(std::move(key), std::move(value));
  }
  if (in.at_end()) return out;
  return make_error(ErrorClass::store_corrupt, "Cannot read the values that a scope keeps", "they are not as DSO writes them");
}

}  // namespace dso::delivery
