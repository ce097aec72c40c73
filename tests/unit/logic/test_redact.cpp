// No form in which a program may print a value survives, and the rest of the text does.
#include <boost/test/unit_test.hpp>

#include "logic/redact.h"

using dso::redact;

BOOST_AUTO_TEST_CASE(a_value_is_taken_out_wherever_it_stands) {
  BOOST_TEST(redact("login with s3cr3t-pass failed: s3cr3t-pass", {"s3cr3t-pass"}) == "login with [secret] failed: [secret]");
  BOOST_TEST(redact("nothing here", {"s3cr3t-pass"}) == "nothing here");
  BOOST_TEST(redact("", {"s3cr3t-pass"}) == "");
  BOOST_TEST(redact("text", {""}) == "text");
}

BOOST_AUTO_TEST_CASE(the_longer_of_two_goes_first) {
  BOOST_TEST(redact("abcdef-long", {"abcdef", "abcdef-long"}) == "[secret]");
}

BOOST_AUTO_TEST_CASE(encoded_forms_go_too) {
  BOOST_TEST(redact(R"(dsn="p\"w\\1x")", {"p\"w\\1x"}) == "dsn=\"[secret]\"");
  BOOST_TEST(redact("postgres://u:p%40ss%2Fw0rd@db", {"p@ss/w0rd"}) == "postgres://u:[secret]@db");
  BOOST_TEST(redact("hex 7033337273 and 7033337273", {"p33rs"}) == "hex [secret] and [secret]");
}

BOOST_AUTO_TEST_CASE(base64_within_a_longer_text_goes_too) {
  // "user:correct-horse-battery"
  const std::string basic = "Authorization: Basic dXNlcjpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=";
  const std::string out = redact(basic, {"correct-horse-battery"});
  BOOST_TEST(out.find("Y29ycmVjd") == std::string::npos);
  BOOST_TEST(out.find("cmVjdC1ob3JzZS1iYXR0ZX") == std::string::npos);
  BOOST_TEST(out.find("[secret]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lines_of_a_long_value_go_one_by_one) {
  BOOST_TEST(redact("key: line-one-of-key\nmore", {"line-one-of-key\nline-two-of-key"}) == "key: [secret]\nmore");
}

BOOST_AUTO_TEST_CASE(short_values_only_as_whole_words) {
  BOOST_TEST(redact("port 80 of 8080", {"80"}) == "port [secret] of 8080");
}
