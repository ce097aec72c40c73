// "did you mean", escaping, UTF-8.
#include <boost/test/unit_test.hpp>

#include "logic/text.h"

using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(text)

namespace {
constexpr std::string_view kKeys[] = {"inject", "rotation", "name", "mappings"};
constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};
}  // namespace

BOOST_AUTO_TEST_CASE(distance_counts_edits_and_swaps) {
  BOOST_TEST(dso::edit_distance("", "") == 0u);
  BOOST_TEST(dso::edit_distance("", "abc") == 3u);
  BOOST_TEST(dso::edit_distance("abc", "") == 3u);
  BOOST_TEST(dso::edit_distance("kitten", "sitting") == 3u);
  BOOST_TEST(dso::edit_distance("nmae", "name") == 1u);
  BOOST_TEST(dso::edit_distance("SigHup", "SIGHUP") == 0u);
}

BOOST_AUTO_TEST_CASE(a_slip_is_named_and_another_word_is_not) {
  BOOST_TEST(dso::did_you_mean("injct", kKeys) == "Did you mean 'inject'?");
  BOOST_TEST(dso::did_you_mean("mapings", kKeys) == "Did you mean 'mappings'?");
  BOOST_TEST(dso::did_you_mean("warning", kLevels) == "Did you mean 'warn'?");
  BOOST_TEST(dso::did_you_mean("metrics", kKeys) == "");
  BOOST_TEST(dso::did_you_mean("", kKeys) == "");
  BOOST_TEST(dso::did_you_mean(std::string(5000, 'n'), kKeys) == "");
  BOOST_TEST(dso::suggest("verbose", kLevels) == "One of: debug, info, warn, error.");
}

BOOST_AUTO_TEST_CASE(what_a_terminal_would_obey_is_escaped) {
  BOOST_TEST(dso::printable("a\x1b[31m\n\t\x7f") == "a\\x1b[31m\\n\\t\\x7f");
  BOOST_TEST(dso::printable("\xc2\x9b"
                            "31m") ==
             "\\xc2\\x9b"
             "31m");
  BOOST_TEST(dso::printable("\xff"
                            "a") == "\\xffa");
  BOOST_TEST(dso::printable("ä€𝄞") == "ä€𝄞");
  BOOST_TEST(dso::printable("a\0b"sv) == "a\\x00b");
  BOOST_TEST(dso::printable(std::string(1000, 'x')).size() < 100u);
  BOOST_TEST(!dso::has_control(dso::printable("\x01\xc2\x85\r\n")));
}

BOOST_AUTO_TEST_CASE(only_well_formed_utf8_passes) {
  for (std::string_view good : {""sv, "abc"sv, "ä"sv, "€"sv, "𝄞"sv, "\xf4\x8f\xbf\xbf"sv, "\xee\x80\x80"sv})
    BOOST_TEST(!dso::first_invalid_utf8(good));
  for (std::string_view bad : {"\x80"sv, "\xc3"sv, "\xc3\x28"sv, "\xc0\xaf"sv, "\xe0\x80\xaf"sv, "\xed\xa0\x80"sv,
                               "\xf0\x80\x80\xaf"sv, "\xf4\x90\x80\x80"sv, "\xf8\x88\x80\x80\x80"sv, "\xff"sv, "\xe2\x82"sv})
    BOOST_TEST(dso::first_invalid_utf8(bad).value_or(99) == 0u);
  BOOST_TEST(dso::first_invalid_utf8("ab\xff").value_or(99) == 2u);
}

BOOST_AUTO_TEST_CASE(how_windows_writes_text) {
  using dso::odd_encoding;
  BOOST_TEST(odd_encoding("\xef\xbb\xbfx") == "begins with a byte order mark");
  BOOST_TEST(odd_encoding(std::string_view("\xff\xfex\0", 4)) == "is UTF-16");
  BOOST_TEST(odd_encoding(std::string_view("\xfe\xff\0x", 4)) == "is UTF-16");
  BOOST_TEST(odd_encoding(std::string_view("p\0w\0", 4)) == "is UTF-16");
  BOOST_TEST(odd_encoding(std::string_view("\0p\0w", 4)) == "is UTF-16");
  for (const std::string_view plain :
       {std::string_view(""), std::string_view("pw"), std::string_view("\0\0\0\0", 4), std::string_view("p\0w", 3),
        std::string_view("p\0ww", 4), std::string_view("\xc3\xa4 pw")})
    BOOST_TEST(odd_encoding(plain) == "");
}

BOOST_AUTO_TEST_CASE(variable_names) {
  for (const char* good : {"A", "_", "DB_PASSWORD", "a1"}) BOOST_TEST(dso::is_env_name(good));
  for (const char* bad : {"", "1A", "A-B", "A.B", "A B", "Ä", "A="}) BOOST_TEST(!dso::is_env_name(bad));
  for (const char* any : {"tls.crt", "1a", "", "ä"}) BOOST_TEST(dso::is_env_name(dso::env_name_from(any)));
  BOOST_TEST(dso::env_name_from("tls.crt") == "TLS_CRT");
}

BOOST_AUTO_TEST_CASE(trimming) {
  BOOST_TEST(dso::trim(" \t a b \r\n") == "a b");
  BOOST_TEST(dso::trim("  ") == "");
}

BOOST_AUTO_TEST_SUITE_END()
