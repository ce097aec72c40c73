// The forms in which a program may print a value; the longest are replaced first, so that no rest of one stays.
#include "logic/redact.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/hex_digits.h"
#include "base/secret_bytes.h"

namespace dso {
namespace {

constexpr std::string_view kMark = "[secret]";
constexpr std::size_t kShortForm = 4;

using Forms = std::vector<SecretBuffer>;

void add(Forms& forms, std::string_view form) {
  if (!form.empty()) forms.emplace_back(form.begin(), form.end());
}

void add_hex(Forms& forms, std::string_view value, const char* digits) {
  SecretBuffer out;
  for (const char c : value) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15]);
  }
  forms.push_back(std::move(out));
}

void add_json(Forms& forms, std::string_view value) {
  SecretBuffer out;
  for (const char c : value) {
    const auto u = static_cast<unsigned char>(c);
    const char* const escape = c == '"'    ? "\\\""
                               : c == '\\' ? "\\\\"
                               : c == '\n' ? "\\n"
                               : c == '\r' ? "\\r"
                               : c == '\t' ? "\\t"
                                           : nullptr;
    if (escape) {
      append(out, escape);
    } else if (u < 0x20) {
      append(out, "\\u00");
      out.push_back(kHexDigits[u >> 4]);
      out.push_back(kHexDigits[u & 15]);
    } else {
      out.push_back(c);
    }
  }
  forms.push_back(std::move(out));
}

void add_percent(Forms& forms, std::string_view value) {
  SecretBuffer out;
  for (const char c : value) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out.push_back(c);
    } else {
      const auto u = static_cast<unsigned char>(c);
      append(out, "%");
      out.push_back(kUpperHexDigits[u >> 4]);
      out.push_back(kUpperHexDigits[u & 15]);
    }
  }
  forms.push_back(std::move(out));
}

/// Within a longer text ("user:password") a value begins at one of three places of a group; the characters that only it
/// decides are looked for.
void add_base64(Forms& forms, std::string_view value) {
  for (std::size_t before = 0; before < 3; ++before) {
    SecretBuffer padded(before, '\0');
    append(padded, value);
    const std::size_t whole = (padded.size() / 3) * 3;  // what follows would change the rest
    const std::size_t skip = before == 0 ? 0 : before + 1;
    if (whole == 0) continue;
    SecretBuffer out(4 * (whole / 3) + 1);
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(padded.data()),
                    static_cast<int>(whole));
    out.resize(out.size() - 1);
    if (out.size() > skip + kShortForm) add(forms, view(out).substr(skip));
  }
}

bool word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

SecretBuffer replace_all(std::string_view text, std::string_view form, bool whole_words) {
  SecretBuffer out;
  std::size_t at = 0;
  while (true) {
    const std::size_t found = text.find(form, at);
    if (found == std::string::npos) break;
    const std::size_t end = found + form.size();
    const bool inside =
        whole_words && ((found > 0 && word_character(text[found - 1])) || (end < text.size() && word_character(text[end])));
    append(out, text.substr(at, found - at));
    append(out, inside ? form : kMark);
    at = end;
  }
  append(out, text.substr(at));
  return out;
}

Forms forms_of(std::string_view value) {
  Forms forms;
  add(forms, value);
  for (std::size_t at = 0; at < value.size();) {  // a log is read line by line
    const std::size_t end = std::min(value.find('\n', at), value.size());
    if (end - at >= kShortForm && end - at < value.size()) add(forms, value.substr(at, end - at));
    at = end + 1;
  }
  if (value.size() < kShortForm) return forms;
  add_json(forms, value);
  add_percent(forms, value);
  add_hex(forms, value, "0123456789abcdef");
  add_hex(forms, value, "0123456789ABCDEF");
  add_base64(forms, value);
  return forms;
}

}  // namespace

std::string redact(std::string_view text, const std::vector<std::string_view>& values) {
  SecretBuffer out(text.begin(), text.end());
  Forms forms;
  for (const std::string_view value : values)
    for (SecretBuffer& form : forms_of(value)) forms.push_back(std::move(form));
  std::sort(forms.begin(), forms.end(), [](const SecretBuffer& a, const SecretBuffer& b) { return a.size() > b.size(); });
  for (const SecretBuffer& form : forms) out = replace_all(view(out), view(form), form.size() < kShortForm);
  return std::string(view(out));
}

}  // namespace dso
