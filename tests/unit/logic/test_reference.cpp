// "[provider/]name[#field]"
#include <boost/test/unit_test.hpp>

#include "logic/parse_config.h"
#include "logic/reference.h"

BOOST_AUTO_TEST_SUITE(reference)

namespace {

dso::Config config() {
  return *dso::parse_config(
              "providers: {prod: {type: vault}, two: {type: local}}\n"
              "secrets: [{name: listed, provider: two}, {name: twice, provider: prod}, {name: twice, provider: two}]\n",
              "f")
              .config;
}

std::string read(std::string_view text) {
  const auto r = dso::parse_reference(text, config());
  return r.has_error() ? "error: " + r.error().cause : r->key.instance + " | " + r->key.name + " | " + r->field;
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_parts) {
  BOOST_TEST(read("myapp/db") == "prod | myapp/db | ");
  BOOST_TEST(read("two/myapp/db#password") == "two | myapp/db | password");
  BOOST_TEST(read("prod/db") == "prod | db | ");
  BOOST_TEST(read("db#tls.crt") == "prod | db | tls.crt");
  BOOST_TEST(read("db##a.b") == "prod | db | #a.b");
  BOOST_TEST(read("dso://two/db#x") == "two | db | x");
  BOOST_TEST(read("dsofile://db") == "prod | db | ");
  BOOST_TEST(read("/ssm/path") == "prod | /ssm/path | ");
  BOOST_TEST(read("other/db") == "prod | other/db | ");
  BOOST_TEST(read("two") == "prod | two | ");
}

BOOST_AUTO_TEST_CASE(the_config_knows_where_a_listed_secret_is) {
  BOOST_TEST(read("listed#a") == "two | listed | a");
  BOOST_TEST(read("prod/listed") == "prod | listed | ");
  BOOST_TEST(read("twice") == "error: the config has that secret at several providers: prod, two");
  BOOST_TEST(read("two/twice") == "two | twice | ");
}

// One version is a secret of its own, at the provider of the other.
BOOST_AUTO_TEST_CASE(versions) {
  BOOST_TEST(read("listed?version=AWSPREVIOUS#a") == "two | listed?version=AWSPREVIOUS | a");
  BOOST_TEST(read("prod/db?version=3") == "prod | db?version=3 | ");
  BOOST_TEST(read("db?version=") == "error: the name names no secret or no version beside '?version='");
  BOOST_TEST(read("?version=1") == "error: the name names no secret or no version beside '?version='");
}

BOOST_AUTO_TEST_CASE(no_references) {
  BOOST_TEST(read("") == "error: there is no name");
  BOOST_TEST(read("#x") == "error: there is no name");
  BOOST_TEST(read("dso://") == "error: there is no name");
  BOOST_TEST(read("prod/") == "error: there is no name after the provider");
  BOOST_TEST(read("db#") == "error: there is no field after '#'");
  BOOST_TEST(read("db##") == "error: there is no field after '#'");
  BOOST_TEST(read(" db") == "error: the name begins or ends with a blank");
  BOOST_TEST(read("a/../b") == "error: the name holds '.' or '..' as a part of its path");
  BOOST_TEST(read(std::string_view("a\0b", 3)) == "error: the name holds a control character");
  BOOST_TEST(read("a#\x1b[1m") == "error: the field holds a control character");
  const auto r = dso::parse_reference("", config());
  BOOST_TEST((r.error().cls == dso::ErrorClass::usage && !r.error().next.empty()));
}

BOOST_AUTO_TEST_SUITE_END()
