// What of a foreign text reaches a terminal as it is, and what does not.
#include "base/plain_text.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

BOOST_AUTO_TEST_SUITE(plain_text)

namespace {

std::string plain(std::string_view text) {
  std::string out;
  append_plain(out, text, "|", " ");
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(text_stays) {
  for (const char* text : {"", "plain", "päßwörd ☃ 日本 😀", "a\xc2\xa0z", "…", "\xe2\x80\xa7", "\xe2\x80\xaf"})
    BOOST_TEST(plain(text) == text);
}

BOOST_AUTO_TEST_CASE(every_control_character_goes) {
  for (int c = 0; c < 0x20; ++c) {
    const std::string one(1, static_cast<char>(c));
    BOOST_TEST(plain("a" + one + "b") == (c == '\n' ? "a|b" : "a b"));
    std::string escaped;
    append_plain(escaped, one, "\\n");
    BOOST_TEST(escaped.size() == (c == '\n' ? 2u : 4u));
  }
  BOOST_TEST(plain("a\x7f\x62") == "a\\x7fb");
  for (unsigned c = 0x80; c < 0xa0; ++c) {
    const char as_utf8[] = {'\xc2', static_cast<char>(c), '\0'}, alone[] = {static_cast<char>(c), '[', 'm', '\0'};
    BOOST_TEST(plain(as_utf8).starts_with("\\xc2\\x"), c);
    BOOST_TEST(plain(alone).starts_with("\\x"), c);
    BOOST_TEST(plain(alone).ends_with("[m"), c);
  }
  BOOST_TEST(plain("\xc2\x9b\x33\x31m") == "\\xc2\\x9b31m");
}

BOOST_AUTO_TEST_CASE(nor_what_breaks_or_turns_a_line) {
  for (const char* text : {"\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"})
    BOOST_TEST(plain(text).starts_with("\\xe2\\x8"), text);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8) {
  BOOST_TEST(plain("a\xff") == "a\\xff");
  BOOST_TEST(plain("\xc3") == "\\xc3");
  BOOST_TEST(plain("\xc0\x9b") == "\\xc0\\x9b", "an overlong form");
  BOOST_TEST(plain("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  BOOST_TEST(plain("\xe2\x80") == "\\xe2\\x80");
}

BOOST_AUTO_TEST_SUITE_END()
