// By hand rather than by a JSON library: values go from one piece of locked memory straight into another.
#include "logic/read_request.h"

#include "base/hex_digits.h"
#include "logic/base64.h"
#include "logic/text.h"

namespace dso {
namespace {

constexpr std::string_view kPath = "/v1/secrets/";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_json_text(SecretBuffer& out, std::string_view text) {
  out.push_back('"');
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    append(out, text.substr(plain, i - plain));
    plain = i + 1;
    if (byte >= 0x20) {
      out.push_back('\\');
      out.push_back(text[i]);
    } else {
      append(out, "\\u00");
      out.push_back(kHexDigits[byte >> 4]);
      out.push_back(kHexDigits[byte & 15]);
    }
  }
  append(out, text.substr(plain));
  out.push_back('"');
}

}  // namespace

Result<std::string> secret_of_target(std::string_view target) {
  if (!target.starts_with(kPath) || target.size() == kPath.size())
    return make_error(ErrorClass::not_found, "There is nothing at this path", "secrets are at /v1/secrets/NAME");
  target.remove_prefix(kPath.size());
  target = target.substr(0, target.find('?'));
  std::string out;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] != '%') {
      out += target[i];
      continue;
    }
    const int high = i + 2 < target.size() ? digit(target[i + 1]) : -1;
    const int low = i + 2 < target.size() ? digit(target[i + 2]) : -1;
    if (high < 0 || low < 0)
      return make_error(ErrorClass::invalid_request, "Cannot read the secret's name", "'%' is not followed by two hex digits");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

SecretBuffer secret_answer(const SecretValue& value) {
  std::size_t size = 64 + value.name.size() + value.version.size();
  for (const SecretField& f : value.fields) size += 16 + 2 * f.name.size() + 2 * f.value.size();
  SecretBuffer out;
  out.reserve(size);
  append(out, "{\"name\":");
  append_json_text(out, value.name);
  append(out, ",\"version\":");
  append_json_text(out, value.version);
  const auto member = [&](const char* name, bool text) {
    bool first = true;
    for (const SecretField& f : value.fields) {
      if (text == first_invalid_utf8(f.value.reveal()).has_value()) continue;
      append(out, first ? name : ",");
      first = false;
      append_json_text(out, f.name);
      out.push_back(':');
      if (text) {
        append_json_text(out, f.value.reveal());
      } else {
        out.push_back('"');
        append_base64(out, f.value.reveal());
        out.push_back('"');
      }
    }
    if (!first) out.push_back('}');
    return !first;
  };
  if (!member(",\"fields\":{", true)) append(out, ",\"fields\":{}");
  member(",\"fields_base64\":{", false);
  append(out, "}\n");
  return out;
}

std::vector<SecretKey> named_secrets(const std::vector<SecretKey>& own, std::string_view name) {
  std::vector<SecretKey> out;
  for (const SecretKey& key : own)
    if (key.name == name || (name.size() == key.instance.size() + 1 + key.name.size() && name.starts_with(key.instance) &&
                             name[key.instance.size()] == '/' && name.ends_with(key.name)))
      out.push_back(key);
  return out;
}

}  // namespace dso
