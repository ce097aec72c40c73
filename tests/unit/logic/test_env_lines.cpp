// Lines of an env file: quotes where a reader needs them, and a clear refusal of what a line cannot hold. That Compose reads the
// same bytes again is tested with Compose: e2e/test_migrate.py.
#include <boost/test/unit_test.hpp>

#include "logic/env_lines.h"

BOOST_AUTO_TEST_SUITE(env_lines)

namespace {

dso::SecretValue secret(const std::string& name, std::string_view value) {
  dso::SecretValue out{"shop/env", {}, {}};
  out.fields.push_back({name, dso::SecretBytes::copy_of(value)});
  return out;
}
std::string line(std::string_view value, dso::EnvSyntax syntax = dso::EnvSyntax::compose) {
  const auto out = dso::env_lines(secret("A", value), syntax);
  BOOST_REQUIRE(out.has_value());
  return std::string(dso::view(*out));
}

}  // namespace

BOOST_AUTO_TEST_CASE(quotes_where_they_are_needed) {
  BOOST_TEST(line("plain-1.2/x:y@z%") == "A=plain-1.2/x:y@z%\n");
  BOOST_TEST(line("") == "A=\n");
  BOOST_TEST(line("two words") == "A='two words'\n");
  BOOST_TEST(line("pa$word") == "A='pa$word'\n");
  BOOST_TEST(line("a#b") == "A='a#b'\n");
  BOOST_TEST(line("it's") == "A=\"it's\"\n");
  BOOST_TEST(line("it's $5 \"or\" \\n") == "A=\"it's \\$5 \\\"or\\\" \\\\n\"\n");
  BOOST_TEST(line("it's $5", dso::EnvSyntax::raw) == "A=it's $5\n");
}

BOOST_AUTO_TEST_CASE(what_a_line_cannot_hold_is_named) {
  for (const auto& [name, value] : {std::pair<std::string, std::string_view>{"PEM", "two\nlines"},
                                    {"CR", "a\rb"},
                                    {"NUL", {"a\0b", 3}},
                                    {"tls.key", "x"},
                                    {"BIN", "\xff\xfe"}}) {
    const auto out = dso::env_lines(secret(name, value), dso::EnvSyntax::compose);
    BOOST_REQUIRE(out.has_error());
    BOOST_TEST((out.error().cls == dso::ErrorClass::invalid_request));
    BOOST_TEST(out.error().cause.starts_with("its field '" + name + "' "));
    BOOST_TEST(out.error().next.find("shop/env#" + name) != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
