// What a program may make of a value before it prints it, and the short passwords that are parts of a longer value.
#include "logic/value_forms.h"

#include <algorithm>
#include <array>

#include "base/hex_digits.h"
#include "logic/base64.h"

namespace dso {
namespace {

/// Shorter digits than that are in any text.
constexpr std::size_t kNoAccident = 4;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

unsigned byte(char c) {
  return static_cast<unsigned char>(c);
}

void hex(SecretBuffer& out, char c) {
  out.push_back(kHexDigits[byte(c) >> 4]);
  out.push_back(kHexDigits[byte(c) & 15]);
}

void octal(SecretBuffer& out, char c) {
  for (const unsigned shift : {6U, 3U, 0U}) out.push_back(static_cast<char>('0' + (byte(c) >> shift & 7)));
}

/// Writes each character with `write(out, c)`; nothing where that changes none of them.
template <class Write>
void form(std::string_view value, const EachForm& each, const Write& write) {
  SecretBuffer out;
  out.reserve(value.size() * 6);
  for (const char c : value) write(out, c);
  if (view(out) != value) each(view(out), false);
}

/// Within a longer text ("user:password") a value begins at one of three places of a group; the digits that only it decides, and
/// how it ends if nothing follows.
SecretBuffer base64_at(std::string_view value, std::size_t before) {
  SecretBuffer padded(before, '\0'), out;
  padded.reserve(before + value.size());
  append(padded, value);
  out.reserve(4 * (padded.size() / 3 + 1));
  append_base64(out, view(padded));
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(std::min(out.size(), before == 0 ? 0 : before + 1)));
  return out;
}

void url_alphabet(SecretBuffer& text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
}

void json_escape(SecretBuffer& out, char c, bool slash) {
  static constexpr std::string_view kRaw = "\"\\\n\r\t\b\f", kNames = "\"\\nrtbf";
  if (const std::size_t i = kRaw.find(c); i != std::string_view::npos) {
    out.push_back('\\');
    out.push_back(kNames[i]);
  } else if (c == '/' && slash) {
    append(out, "\\/");
  } else if (byte(c) < 0x20) {
    append(out, "\\u00");
    hex(out, c);
  } else {
    out.push_back(c);
  }
}

/// What is worth hiding a line for: one character is no password, nor is what JSON itself says.
bool is_password(std::string_view text) {
  return text.size() > 1 && text[0] != '{' && text[0] != '[' && text != "true" && text != "false" && text != "null" &&
         std::any_of(text.begin(), text.end(), is_word);
}

/// As they stand within quotes of a shell, SQL, CSV.
void for_each_quoted(std::string_view value, const EachForm& each) {
  form(value, each,
       [](SecretBuffer& out, char c) { append(out, c == '\'' ? std::string_view("'\\''") : std::string_view(&c, 1)); });
  for (const char quote : {'\'', '"'})  // SQL's, CSV's
    form(value, each, [quote](SecretBuffer& out, char c) {
      if (c == quote) out.push_back(c);
      out.push_back(c);
    });
}

bool names_a_password(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kWords = {"pass", "pwd", "secret", "token", "pin", "key", "cred"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return std::search(name.begin(), name.end(), word.begin(), word.end(),
                       [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; }) != name.end();
  });
}

}  // namespace

void for_each_form(std::string_view value, const EachForm& each) {
  each(value, true);
  form(
      value, [&](std::string_view text, bool) { each(text, true); }, [](SecretBuffer& out, char c) { hex(out, c); });
  for (std::size_t before = 0; before < 3; ++before) {
    SecretBuffer text = base64_at(value, before);
    each(view(text), true);
    url_alphabet(text);
    each(view(text), false);
  }
  form(value, each, [](SecretBuffer& out, char c) { json_escape(out, c, false); });
  form(value, each, [](SecretBuffer& out, char c) { json_escape(out, c, true); });
  // with every character escaped, as who takes no risk does
  for (const std::string_view lead : {"%", "\\x", "\\u00"})
    form(value, each, [lead](SecretBuffer& out, char c) {
      append(out, lead);
      hex(out, c);
    });
  form(value, each, [](SecretBuffer& out, char c) {
    out.push_back('\\');
    octal(out, c);
  });
  // with those alone that need it
  for (const std::string_view plain : {"-._~", "-._~/", "-._~!*'()"})
    form(value, each, [plain](SecretBuffer& out, char c) {
      if (is_word(c) || plain.find(c) != std::string_view::npos) {
        out.push_back(c);
      } else {
        out.push_back('%');
        hex(out, c);
      }
    });
  form(value, each, [](SecretBuffer& out, char c) {  // a shell's
    if (!is_word(c)) out.push_back('\\');
    out.push_back(c);
  });
  form(value, each, [](SecretBuffer& out, char c) {  // C's
    if (byte(c) < 0x20 || byte(c) >= 0x7f) {
      out.push_back('\\');
      octal(out, c);
    } else {
      json_escape(out, c, false);
    }
  });
  for_each_quoted(value, each);
}

void for_each_short_form(std::string_view value, const EachForm& each) {
  const auto no_accident = [&](std::string_view text) {
    if (text.size() >= kNoAccident) each(text, false);
  };
  each(value, false);
  for_each_quoted(value, each);
  form(
      value, [&](std::string_view text, bool) { no_accident(text); }, [](SecretBuffer& out, char c) { hex(out, c); });
  for (std::size_t before = 0; before < 3; ++before) {
    SecretBuffer text = base64_at(value, before);
    for (int alphabet = 0; alphabet < 2; ++alphabet, url_alphabet(text)) {
      std::string_view seen = view(text);
      no_accident(seen);  // nothing follows
      while (seen.ends_with('=')) seen.remove_suffix(1);
      no_accident(seen);
      if ((before + value.size()) % 3 != 0 && !seen.empty()) no_accident(seen.substr(0, seen.size() - 1));
    }
  }
}

void for_each_password_in(std::string_view value, const std::function<void(std::string_view)>& each) {
  // scheme://user:PASSWORD@host
  for (std::size_t at = value.find("://"); at != std::string_view::npos; at = value.find("://", at + 3)) {
    const std::string_view rest = value.substr(at + 3);
    const std::string_view address = rest.substr(0, rest.find_first_of("/?#\" \t\r\n"));
    const std::size_t host = address.rfind('@');
    const std::size_t colon = address.find(':');
    if (host == std::string_view::npos || colon >= host) continue;
    if (const std::string_view part = address.substr(colon + 1, host - colon - 1); is_password(part)) each(part);
  }
  // name=PASSWORD, name: "PASSWORD"
  static constexpr std::string_view kEnd = " \t\r\n\"'&;,{}[]?#/";
  for (std::size_t at = value.find_first_of("=:"); at != std::string_view::npos; at = value.find_first_of("=:", at + 1)) {
    std::string_view name = value.substr(0, at);
    name = name.substr(0, name.find_last_not_of(" \t\"'") + 1);
    const std::size_t before = name.find_last_of(kEnd);
    name = name.substr(before == std::string_view::npos ? 0 : before + 1);
    if (!names_a_password(name)) continue;
    std::string_view rest = value.substr(at + 1);
    rest = rest.substr(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    const bool quoted = !rest.empty() && (rest[0] == '"' || rest[0] == '\'');
    const std::string_view part =
        quoted ? rest.substr(1, rest.find(rest[0], 1) == std::string_view::npos ? rest.size() : rest.find(rest[0], 1) - 1)
               : rest.substr(0, rest.find_first_of(" \t\r\n&;,}]"));
    if (is_password(part)) each(part);
  }
}

}  // namespace dso
