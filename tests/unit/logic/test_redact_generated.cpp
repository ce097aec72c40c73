// Generated values, written down in every way that we know, whole or cut, among other words: no six characters in a row of what
// was written, and none of the value, are shown; the other words are. The encoders here are not those of the code under test.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include "logic/redact.h"

BOOST_AUTO_TEST_SUITE(redact_generated)

namespace {

constexpr std::size_t kRun = 6;
/// What no generated value goes on with.
const std::string kBefore = "GETTING UP «", kAfter = "» WENT WRONG";

using Encode = std::function<std::string(const std::string&)>;
struct Encoding {
  const char* name;
  Encode encode;
  /// It stretches or nests: a cut leaves less than six characters of the value in six of its own.
  bool loose = false;
};

std::string each(const std::string& value, const std::function<std::string(unsigned char)>& f) {
  std::string out;
  for (const char c : value) out += f(static_cast<unsigned char>(c));
  return out;
}

std::string printed(const char* format, unsigned c) {
  char out[16];
  std::snprintf(out, sizeof out, format, c);
  return out;
}

Encode all_as(const char* format) {
  return [format](const std::string& v) { return each(v, [&](unsigned char c) { return printed(format, c); }); };
}

bool plain(unsigned char c) {
  return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '~';
}

Encode some_as(const char* format) {
  return [format](const std::string& v) {
    return each(v, [&](unsigned char c) { return plain(c) ? std::string(1, static_cast<char>(c)) : printed(format, c); });
  };
}

std::string base64(const std::string& v, bool url, bool padded) {
  const std::string digits = std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") + (url ? "-_" : "+/");
  std::string out;
  unsigned bits = 0, have = 0;
  for (const char c : v) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (have += 8; have >= 6;) out += digits[bits >> (have -= 6) & 63];
  }
  if (have) out += digits[bits << (6 - have) & 63];
  while (padded && out.size() % 4 != 0) out += '=';
  return out;
}

/// Behind `before` bytes of other text, whose digits are not the value's.
Encode base64_after(std::size_t before, bool url, bool padded) {
  return [=](const std::string& v) {
    return base64(std::string("ab").substr(0, before) + v, url, padded).substr(before == 0 ? 0 : before + 1);
  };
}

std::string json(const std::string& v) {
  return each(v, [](unsigned char c) -> std::string {
    switch (c) {
      case '"': return "\\\"";
      case '\\': return "\\\\";
      case '\n': return "\\n";
      case '\r': return "\\r";
      case '\t': return "\\t";
      default: return c < 0x20 ? printed("\\u%04x", c) : std::string(1, static_cast<char>(c));
    }
  });
}

std::string between(const std::string& v, std::size_t every, const std::string& what) {
  std::string out;
  for (std::size_t i = 0; i < v.size(); ++i) out += (i > 0 && i % every == 0 ? what : "") + v[i];
  return out;
}

std::string swap_line_breaks(const std::string& v, const std::string& by) {
  return each(v, [&](unsigned char c) { return c == '\n' ? by : std::string(1, static_cast<char>(c)); });
}

std::string trimmed(std::string v) {
  while (!v.empty() && std::isspace(static_cast<unsigned char>(v.back()))) v.pop_back();
  v.erase(0, std::min(v.find_first_not_of(" \t\r\n"), v.size()));
  return v;
}

std::vector<Encoding> encodings() {
  std::vector<Encoding> out = {
      {"plain", [](const std::string& v) { return v; }},
      {"trimmed", trimmed},
      {"upper",
       [](const std::string& v) {
         return each(v, [](unsigned char c) { return std::string(1, static_cast<char>(std::toupper(c))); });
       }},
      {"lower",
       [](const std::string& v) {
         return each(v, [](unsigned char c) { return std::string(1, static_cast<char>(std::tolower(c))); });
       }},
      {"hex", all_as("%02x")},
      {"HEX", all_as("%02X")},
      {"hex:", [](const std::string& v) { return between(all_as("%02x")(v), 2, ":"); }, true},
      {"hexdump", [](const std::string& v) { return between(all_as("%02x")(v), 4, " "); }, true},
      {"percent, all", all_as("%%%02X")},
      {"percent, all, lower", all_as("%%%02x")},
      {"percent", some_as("%%%02X")},
      {"percent, lower", some_as("%%%02x")},
      {"\\x, all", all_as("\\x%02x")},
      {"\\x", some_as("\\x%02X"), true},
      {"\\u, all", all_as("\\u%04x")},
      {"octal, all", all_as("\\%03o")},
      {"octal", some_as("\\%03o"), true},
      {"entities", some_as("&#%u;"), true},
      {"decimal", [](const std::string& v) { return "[" + all_as("%u ")(v) + "]"; }, true},
      {"0x", [](const std::string& v) { return all_as("0x%02x, ")(v); }, true},
      {"json", json},
      {"json in json", [](const std::string& v) { return json(json(v)); }, true},
      {"json in percent", [](const std::string& v) { return some_as("%%%02X")(json(v)); }, true},
      {"shell",
       [](const std::string& v) {
         return each(v, [](unsigned char c) { return (std::isalnum(c) ? "" : "\\") + std::string(1, static_cast<char>(c)); });
       }},
      {"shell, quoted",
       [](const std::string& v) {
         return each(v, [](unsigned char c) { return c == '\'' ? std::string("'\\''") : std::string(1, static_cast<char>(c)); });
       }},
      {"sql",
       [](const std::string& v) {
         return each(v, [](unsigned char c) { return c == '\'' ? std::string("''") : std::string(1, static_cast<char>(c)); });
       }},
      {"csv",
       [](const std::string& v) {
         return each(v, [](unsigned char c) { return c == '"' ? std::string("\"\"") : std::string(1, static_cast<char>(c)); });
       }},
      {"CR LF", [](const std::string& v) { return swap_line_breaks(v, "\r\n"); }, true},
      {"LF CR", [](const std::string& v) { return swap_line_breaks(v, "\n\r"); }, true},
      {"CR", [](const std::string& v) { return swap_line_breaks(v, "\r"); }, true},
      {"indented", [](const std::string& v) { return swap_line_breaks(v, "\n    "); }, true},
      {"one line", [](const std::string& v) { return swap_line_breaks(v, " "); }, true},
      {"colours", [](const std::string& v) { return between(v, 4, "\x1b[1;31m"); }, true},
      {"colours in json", [](const std::string& v) { return between(v, 4, "\\u001b[0m"); }, true},
      {"wrapped", [](const std::string& v) { return between(v, 5, "\n"); }, true},
      {"base64, wrapped", [](const std::string& v) { return between(base64(v, false, true), 16, "\n"); }, true},
      {"base64 of json", [](const std::string& v) { return base64(json(v), false, true); }, true},
      {"base64 twice", [](const std::string& v) { return base64(base64(v, false, true), false, true); }, true},
  };
  for (const std::size_t before : {0U, 1U, 2U})
    for (const bool url : {false, true})
      for (const bool padded : {false, true}) out.push_back({"base64", base64_after(before, url, padded)});
  return out;
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }
  std::string of(std::string_view alphabet, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += alphabet[below(alphabet.size())];
    return out;
  }
  std::string value() {
    static constexpr std::string_view kWords = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static constexpr std::string_view kAll = R"(AbcXyz019 !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";
    const std::size_t n = kRun + 2 + below(40);
    switch (below(7)) {
      case 0: return of(kWords, n);
      case 1: return of(kAll, n);
      case 2: return "postgres://app:" + some_as("%%%02X")(of(kAll, n)) + "@db:5432/app";
      case 3: return "{\"user\": \"app\", \"password\": \"" + json(of(kAll, n)) + "\"}";
      case 4: return of(kWords, n) + "\n" + of(kWords, n) + "\n" + of(kWords, 3) + "\n";
      case 5: return "  " + of(kWords, n) + " \t";
      default: return base64(of(kAll, n), false, true);
    }
  }

 private:
  std::mt19937 random_;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return text;
}

/// The runs of `text` that are anywhere in `shown`, but for those of blanks and of what is put in their place.
std::string first_shared(const std::string& text, const std::string& shown) {
  const std::string in = lower(shown), of = lower(text);
  for (std::size_t i = 0; i + kRun <= of.size(); ++i) {
    std::string run = of.substr(i, kRun);
    if (run.find_first_not_of(" \t\r\n") != std::string::npos && in.find(run) != std::string::npos) return run;
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_of_a_value_is_shown_however_it_is_written) {
  Maker make(20261129);
  const std::vector<Encoding> all = encodings();
  for (int round = 0; round < 15; ++round) {
    const std::string value = make.value();
    for (const Encoding& e : all) {
      const auto cut = [&, how = make.below(3)](std::string text, std::size_t least) {
        if (how == 1 && text.size() > least) text.erase(0, make.below(text.size() - least));
        if (how == 2 && text.size() > least) text.resize(least + make.below(text.size() - least));
        return text;
      };
      const std::string said = e.loose ? e.encode(cut(value, 2 * kRun)) : cut(e.encode(value), 1);
      const std::string shown = dso::redact(kBefore + said + kAfter, {value});
      BOOST_TEST_CONTEXT(e.name << ": " << value << " said " << said << " shown " << shown) {
        BOOST_TEST(first_shared(said, shown) == "");
        BOOST_TEST(first_shared(value, shown) == "");
        if (shown.find("hidden") == std::string::npos) {
          BOOST_TEST(shown.starts_with(kBefore));
          BOOST_TEST(shown.ends_with(" WENT WRONG"));
          if (said.size() >= 2 * kRun) BOOST_TEST(shown.find(dso::kHiddenPart) != std::string::npos);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(short_values_hide_the_line_however_they_are_written) {
  Maker make(7);
  const std::vector<Encoding> all = encodings();
  const std::set<std::string> words_alone = {"base64", "base64, wrapped", "wrapped", "base64 of json", "base64 twice"};
  for (int round = 0; round < 20; ++round) {
    const std::string value = make.of("QXZ0123456789!%&'\"", 3 + make.below(3));
    for (const Encoding& e : all) {
      if (words_alone.contains(e.name)) continue;
      const std::string said = e.encode(value);
      const std::string shown = dso::redact("before\nit was <" + said + ">\nafter", {value});
      BOOST_TEST_CONTEXT(e.name << ": " << value << " said " << said << " shown " << shown) {
        BOOST_TEST(shown.starts_with("before\n[secret] (line hidden"));
        BOOST_TEST(shown.ends_with(")\nafter"));
      }
    }
    const std::string digits = base64(value, false, true);
    BOOST_TEST_CONTEXT(value << " as " << digits)
    BOOST_TEST(dso::redact("it was " + digits, {value}).starts_with("[secret] (line hidden"));
  }
}

BOOST_AUTO_TEST_CASE(other_words_are_shown) {
  Maker make(99);
  static const std::string kSaid =
      "2026-11-29T18:01:22Z ERROR connect to db.example.net:5432 failed: timeout after 30000 ms\n"
      "\tat com.example.Main.run(Main.java:42) [app.jar:1.2.3]\n"
      "{\"level\":\"warn\",\"msg\":\"retry \\\"soon\\\"\",\"id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"}\n"
      "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 GET /a%20b?c=d&e=f 503\n";
  for (int round = 0; round < 30; ++round) {
    const std::string value = make.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32);
    BOOST_TEST(dso::redact(kSaid, {value}) == kSaid);
  }
}

BOOST_AUTO_TEST_SUITE_END()
