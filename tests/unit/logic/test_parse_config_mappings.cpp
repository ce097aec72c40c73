// `mappings`: the present direction, the Go project's newest one, and what could be either.
#include "config_check.h"

using namespace config_check;
using Mappings = std::vector<dso::Mapping>;

BOOST_AUTO_TEST_SUITE(parse_config_mappings)

namespace {

std::string secret(const std::string& inject, const std::string& mappings) {
  return "secrets:\n  - name: app\n    inject: " + inject + "\n    mappings: {" + mappings + "}\n";
}

}  // namespace

BOOST_AUTO_TEST_CASE(field_then_name) {
  BOOST_TEST((clean(secret("env", "password: DB_PASSWORD, user.name: DB_USER, \"#a.b\": NESTED, Key: lower_name"))
                  .secrets.at(0)
                  .mappings ==
              Mappings{{"password", "DB_PASSWORD"}, {"user.name", "DB_USER"}, {"#a.b", "NESTED"}, {"Key", "lower_name"}}));
  BOOST_TEST((clean(secret("file", "password: db, tls.crt: tls.crt, DB_PASSWORD: password")).secrets.at(0).mappings ==
              Mappings{{"password", "db"}, {"tls.crt", "tls.crt"}, {"DB_PASSWORD", "password"}}));
}

BOOST_AUTO_TEST_CASE(name_then_path_makes_a_secret_of_each_path) {
  const auto config =
      warned(secret("env", "DB_PASSWORD: prod/db/password, DB_USER: \"prod/db/password#user\", API_KEY: prod/api, url: URL"));
  BOOST_REQUIRE(config.secrets.size() == 3u);
  BOOST_TEST(config.secrets[0].name == "app");
  BOOST_TEST((config.secrets[0].mappings == Mappings{{"url", "URL"}}));
  BOOST_TEST(config.secrets[1].name == "prod/db/password");
  BOOST_TEST((config.secrets[1].mappings == Mappings{{"value", "DB_PASSWORD"}, {"user", "DB_USER"}}));
  BOOST_TEST(config.secrets[2].name == "prod/api");
  for (const auto& s : config.secrets) BOOST_TEST((s.inject.type == dso::InjectType::env && s.pos.line == 2));
  check_one(secret("env", "DB_PASSWORD: prod/db"),
            "4:16: warning: secrets[0].mappings.DB_PASSWORD: a name with a path behind it is an older spelling. "
            "Write {name: prod/db, mappings: {value: DB_PASSWORD}}.");
}

BOOST_AUTO_TEST_CASE(with_paths_alone_the_name_is_a_heading) {
  for (const char* heading : {"name: app, ", ""}) {
    const auto config = warned("secrets: [{" + std::string(heading) +
                               "targets: {containers: [x]}, mappings: {cert.pem: prod/ssl/cert, key: prod/ssl/key}}]\n");
    BOOST_REQUIRE(config.secrets.size() == 2u);
    BOOST_TEST(config.secrets[0].name == "prod/ssl/cert");
    BOOST_TEST((config.secrets[0].mappings == Mappings{{"value", "cert.pem"}}));
    BOOST_TEST(config.secrets[1].targets.containers.at(0) == "x");
  }
}

BOOST_AUTO_TEST_CASE(a_path_that_is_the_own_name_stays_one_secret) {
  const auto config =
      warned("secrets: [{name: prod/db, inject: env, mappings: {user: DB_USER, DB_PASSWORD: \"prod/db#password\"}}]\n");
  BOOST_REQUIRE(config.secrets.size() == 1u);
  BOOST_TEST((config.secrets[0].mappings == Mappings{{"user", "DB_USER"}, {"password", "DB_PASSWORD"}}));
}

BOOST_AUTO_TEST_CASE(two_readings_are_both_shown) {
  const std::string at = "4:16: error: secrets[0].mappings.";
  check_one(
      secret("env", "DB_PASSWORD: password"),
      at + "DB_PASSWORD: can be read in two ways: field 'DB_PASSWORD' as variable 'password', or variable 'DB_PASSWORD' from "
           "field 'password'. "
           "The field comes first. For the second write password: DB_PASSWORD; for the first write '#DB_PASSWORD': password.");
  check_one(secret("env", "password: prod/db"), at + "password: can be read in two ways: field 'password' as variable 'prod/db', "
                                                     "or variable 'password' from the secret 'prod/db'. "
                                                     "For the first give a name without '/'; for the second make it a secret of "
                                                     "its own: {name: prod/db, mappings: {value: PASSWORD}}.");
  check_one(secret("file", "password: certs/db.pem"),
            at + "password: can be read in two ways: field 'password' as file 'certs/db.pem', or file 'password' from the secret "
                 "'certs/db.pem'. "
                 "For the first give a name without '/'; for the second make it a secret of its own: {name: certs/db.pem, "
                 "mappings: {value: password}}.");
  check_one(secret("file", "password: /run/secrets/db"),
            at + "password: can be read in two ways: field 'password' as file '/run/secrets/db', or file 'password' from the "
                 "secret '/run/secrets/db'. "
                 "A folder belongs in 'inject.path', and the name here has no '/'.");
  for (const char* both : {"a/b: c/d", "a: c/d.pem"}) BOOST_TEST(findings(secret("file", both)).size() == 1u);
  // The way out that the hint shows.
  BOOST_TEST(
      (clean(secret("env", "\"#DB_PASSWORD\": password")).secrets.at(0).mappings == Mappings{{"#DB_PASSWORD", "password"}}));
}

// As `docker run -e spring.datasource.password=…` takes them.
BOOST_AUTO_TEST_CASE(dots_and_dashes) {
  BOOST_TEST((clean(secret("env", "password: spring.datasource.password, user: my-user")).secrets.at(0).mappings ==
              Mappings{{"password", "spring.datasource.password"}, {"user", "my-user"}}));
}

BOOST_AUTO_TEST_CASE(names_are_checked) {
  const std::string at = "4:";
  const std::pair<std::string, std::string> bad[] = {
      {secret("env", "a: DB+PASS"),
       "4:19: error: secrets[0].mappings.a: 'DB+PASS' cannot be a variable's name. Letters, digits, '_', '.' and '-', not "
       "beginning with a digit, as 'DB_PASS'."},
      {secret("env", "a: 1A"),
       "4:19: error: secrets[0].mappings.a: '1A' cannot be a variable's name. Letters, digits, '_', '.' and '-', not "
       "beginning with a digit, as '_1A'."},
      {secret("file", "a: .."),
       "4:19: error: secrets[0].mappings.a: '..' cannot be a file's name. Give a name without '/'; the folder is 'inject.path'."},
      {secret("env", "a: X, b: X"),
       "4:25: error: secrets[0].mappings.b: the variable 'X' is there twice. It was first given in line 4."},
      {secret("env", "a: [X]"), "4:19: error: secrets[0].mappings.a: must be a text, not a list"},
      {secret("env", "a: 7"), "4:19: error: secrets[0].mappings.a: must be a text, not a number. Put it in quotes."},
      {secret("env", "\"a\\n\": X"), "4:16: error: secrets[0].mappings.a\\n: cannot be a field's name"},
      {secret("env", "\"#\": X"),
       "4:16: error: secrets[0].mappings.#: names no field after '#'. For example '#database.password'."},
      {secret("env", "A: x/../y"), "4:19: error: secrets[0].mappings.A: 'x/../y' holds '.' or '..' as a part of its path"},
      {"secrets: [{name: a, mappings: [b]}]\n",
       "1:31: error: secrets[0].mappings: must be a map, not a list. For example {password: DB_PASSWORD}: the field, then its "
       "name in the container."},
  };
  for (const auto& [yaml, line] : bad) check_one(yaml, line);
}

BOOST_AUTO_TEST_SUITE_END()
