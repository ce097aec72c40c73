// No form in which a program may print a value survives, and the rest of the text does.
#include <boost/test/unit_test.hpp>

#include "logic/redact.h"

using dso::redact;

BOOST_AUTO_TEST_SUITE(redact_text)

namespace {

const std::string kHidden = "[secret] (line hidden: a short secret value stands in it)";

}  // namespace

BOOST_AUTO_TEST_CASE(a_value_is_taken_out_wherever_it_stands) {
  BOOST_TEST(redact("login with s3cr3t-pass failed: s3cr3t-pass", {"s3cr3t-pass"}) == "login with [secret] failed: [secret]");
  BOOST_TEST(redact("nothing here", {"s3cr3t-pass"}) == "nothing here");
  BOOST_TEST(redact("", {"s3cr3t-pass"}) == "");
  BOOST_TEST(redact("text", {""}) == "text");
  BOOST_TEST(redact("text", {"\n"}) == "text");
}

BOOST_AUTO_TEST_CASE(the_longer_of_two_goes_first) {
  BOOST_TEST(redact("abcdef-long", {"abcdef", "abcdef-long"}) == "[secret]");
}

BOOST_AUTO_TEST_CASE(six_characters_of_a_value_are_enough) {
  const std::string value = "correct-horse-battery";
  BOOST_TEST(redact("got correct-horse, no more", {value}) == "got [secret], no more");
  BOOST_TEST(redact("got orse-b", {value}) == "got [secret]");
  BOOST_TEST(redact("got orse-", {value}) == "got orse-");
  BOOST_TEST(redact("CORRECT-HORSE-BATTERY", {value}) == "[secret]");
}

BOOST_AUTO_TEST_CASE(parts_of_a_value_go_as_the_whole_does) {
  BOOST_TEST(redact("cannot log in as app with hunter2hunter2", {R"({"user":"app","password":"hunter2hunter2"})"}) ==
             "cannot log in as app with [secret]");
  BOOST_TEST(redact("db says no to hunter2pw", {"postgres://app:hunter2pw@db:5432/app?sslmode=off"}) == "db says no to [secret]");
}

BOOST_AUTO_TEST_CASE(what_a_value_says_once_it_is_decoded_goes_too) {
  BOOST_TEST(redact("no to p@ss/w0rd!!", {"postgres://app:p%40ss%2Fw0rd%21%21@db/app"}) == "no to [secret]");
  BOOST_TEST(redact("no to hunter2hunter2", {"aHVudGVyMmh1bnRlcjI="}) == "no to [secret]");
  BOOST_TEST(redact("said quo\"te\"d", {R"({"motto":"quo\"te\"d"})"}) == "said [secret]");
}

BOOST_AUTO_TEST_CASE(encoded_forms_go_too) {
  BOOST_TEST(redact(R"(dsn="p\"w\\1x")", {"p\"w\\1x"}) == "dsn=\"[secret]\"");
  BOOST_TEST(redact("postgres://u:p%40ss%2Fw0rd@db", {"p@ss/w0rd"}) == "postgres://u:[secret]@db");
  BOOST_TEST(redact("postgres://u:p%40ss%2fw0rd@db", {"p@ss/w0rd"}) == "postgres://u:[secret]@db");
  BOOST_TEST(redact("hex 703333727373 and 70:33:33:72:73:73", {"p33rss"}) == "hex [secret] and [secret]");
  BOOST_TEST(redact("bytes [112 51 51 114 115 115] b'\\x70\\x33\\x33\\x72\\x73\\x73'", {"p33rss"}) ==
             "bytes [[secret]] b'[secret]'");
  BOOST_TEST(redact("url-safe YT9-Yj8-Yz8-", {"a?~b?>c?>"}).find("Yj8-Yz") == std::string::npos);
  BOOST_TEST(redact("<p title='&lt;a&amp;b&#39;&gt;c'>", {"<a&b'>c"}) == "<p title='[secret]'>");
}

BOOST_AUTO_TEST_CASE(base64_within_a_longer_text_goes_too) {
  // "user:correct-horse-battery"
  const std::string basic = "Authorization: Basic dXNlcjpjb3JyZWN0LWhvcnNlLWJhdHRlcnk=";
  const std::string out = redact(basic, {"correct-horse-battery"});
  BOOST_TEST(out.find("Y29ycmVjd") == std::string::npos);
  BOOST_TEST(out.find("cmVjdC1ob3JzZS1iYXR0ZX") == std::string::npos);
  BOOST_TEST(out.find("[secret]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(encodings_within_encodings_go_too) {
  BOOST_TEST(redact(R"({"msg":"bad config {\"pw\":\"a\\\"b\\\"c\\\"d\"}"})", {"a\"b\"c\"d"}) ==
             R"({"msg":"bad config {\"pw\":\"[secret]\"}"})");
  BOOST_TEST(redact("twice p%2540ss%252Fw0rd", {"p@ss/w0rd"}) == "twice [secret]");
}

BOOST_AUTO_TEST_CASE(lines_of_a_long_value_go_one_by_one) {
  BOOST_TEST(redact("key: line-one-of-key\nmore", {"line-one-of-key\nline-two-of-key"}) == "key: [secret]\nmore");
  BOOST_TEST(redact("key: |\r\n  line-one\r\n  line-two\r\nmore", {"line-one\nline-two\n"}).find("line") == std::string::npos);
  BOOST_TEST(redact("wrapped hun\nter2hun\nter2 so", {"hunter2hunter2"}) == "wrapped [secret]\n[secret]\n[secret] so");
}

BOOST_AUTO_TEST_CASE(colours_and_marks_without_a_width_hide_nothing_from_us) {
  BOOST_TEST(redact("pw \x1b[31mhun\x1b[0mter2\x1b[1;32mpw\x1b[0m no", {"hunter2pw"}) == "pw \x1b[31m[secret]\x1b[0m no");
  BOOST_TEST(redact("pw hun\xe2\x80\x8bter\xc2\xad"
                    "2pw",
                    {"hunter2pw"}) == "pw [secret]");
  BOOST_TEST(redact(R"({"m":"hun\u001b[31mter2\u001b[0mpw"})", {"hunter2pw"}) == R"({"m":"[secret]"})");
}

BOOST_AUTO_TEST_CASE(short_values_hide_their_lines) {
  BOOST_TEST(redact("listening\nport 80 of 8080\nready", {"80"}) == "listening\n" + kHidden + "\nready");
  BOOST_TEST(redact("pin 12\x1b[31m34", {"1234"}) == kHidden);
  BOOST_TEST(redact("pin MTIzNA==", {"1234"}) == kHidden);
  BOOST_TEST(redact("pin 31323334", {"1234\n"}) == kHidden);
  BOOST_TEST(redact("pin 12,34", {"1234"}) == "pin 12,34");
  BOOST_TEST(redact("schlüssel: жук", {"жук"}) == kHidden);  // three characters of six bytes
  BOOST_TEST(redact("no to pw12 from app", {"postgres://app:pw12@db/app"}) == kHidden);
  BOOST_TEST(redact("no to pw12", {R"({"db":{"host":"db","password":"pw12"}})"}) == kHidden);
  BOOST_TEST(redact("db says yes", {R"({"db":{"host":"db","password":"pw12"}})"}) == "db says yes");
}

BOOST_AUTO_TEST_CASE(blanks_are_in_any_text) {
  BOOST_TEST(redact("        at main.go:12", {"{\n        \"a\": \"hunter2pw\"\n}"}) == "        at main.go:12");
}

BOOST_AUTO_TEST_CASE(what_is_looked_through_has_its_bounds) {
  const std::string value = "hunter2hunter2";
  const std::string out = redact(value + std::string(dso::kRedactedText, '.') + "\nthe end", {value});
  BOOST_TEST(out.starts_with("(earlier output is not shown)\n."));
  BOOST_TEST(out.ends_with("\nthe end"));
  const std::string much(dso::kRedactedValues + 1, 'x');
  BOOST_TEST(redact("the end", {much}) == "[secret] (all lines hidden: the secret values are too long to be looked for)");
  BOOST_TEST(redact("", {much}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
