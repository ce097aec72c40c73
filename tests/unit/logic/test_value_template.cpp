// Fields in a text: found, nested, missing; braces that do not match.
#include "logic/value_template.h"

#include <boost/test/unit_test.hpp>

#include "logic/secret_json.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(value_template)

namespace {

SecretValue db() {
  return {"myapp/db", "1", split_fields(SecretBytes::copy_of(R"({"user":"app","password":"p{{w","tls":{"key":"k"}})"))};
}

std::string rendered(std::string_view text) {
  const auto out = render_template(db(), text);
  return out.has_value() ? std::string(out->reveal()) : "error: " + render(out.error());
}

}  // namespace

BOOST_AUTO_TEST_CASE(fields_stand_where_they_are_named) {
  BOOST_TEST(rendered("postgres://{{user}}:{{ password }}@db") ==
             "postgres://app:p{{w@db");  // a value is never read as a template
  BOOST_TEST(rendered("{{user}}{{user}}") == "appapp");
  BOOST_TEST(rendered("key={{#tls.key}};") == "key=k;");
  BOOST_TEST(rendered("no field") == "no field");
}

BOOST_AUTO_TEST_CASE(a_field_that_is_not_there) {
  BOOST_TEST(rendered("{{host}}").find("its fields are 'user', 'password', 'tls'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_a_template) {
  BOOST_TEST(!why_not_template("{{user}}"));
  BOOST_TEST(why_not_template("plain")->find("names no field") != std::string::npos);
  BOOST_TEST(why_not_template("{{user}").value() == "'{{' is not closed by '}}'");
  BOOST_TEST(why_not_template("{{ }}").value() == "there is no field between '{{' and '}}'");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
