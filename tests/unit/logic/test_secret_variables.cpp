// Which variables look like secrets: each word, what only sounds like one, and that no reason shows the value.
#include <boost/test/unit_test.hpp>

#include "logic/secret_variables.h"

BOOST_AUTO_TEST_SUITE(secret_variables)

namespace {

bool secret(std::string_view name, std::string_view value = "s3cret-value") {
  const dso::VariableGuess guess = dso::guess_variable(name, value);
  BOOST_TEST(!guess.reason.empty());
  BOOST_TEST((value.size() < 7 || guess.reason.find(value) == std::string::npos), guess.reason);
  return guess.secret;
}
std::string why(std::string_view name, std::string_view value = "s3cret-value") {
  return dso::guess_variable(name, value).reason;
}

}  // namespace

BOOST_AUTO_TEST_CASE(names_that_say_secret) {
  for (const char* name : {"PASSWORD",
                           "DB_PASSWORD",
                           "POSTGRES_PASSWORD",
                           "db_password",
                           "dbPassword",
                           "DBPASSWORD",
                           "MYSQL_PWD",
                           "REDIS_PASS",
                           "API_KEY",
                           "APIKEY",
                           "AWS_SECRET_ACCESS_KEY",
                           "JWT_SECRET",
                           "JWTSECRET",
                           "GITHUB_TOKEN",
                           "TOKEN",
                           "KEY",
                           "SENTRY_DSN",
                           "SALT",
                           "PRIVATE_KEY",
                           "GOOGLE_CREDENTIALS",
                           "SSH_PASSPHRASE"})
    BOOST_TEST(secret(name), name);
  BOOST_TEST(why("DB_PASSWORD") == "its name has PASSWORD");
  BOOST_TEST(why("JWTSECRET") == "its name has SECRET");
}

BOOST_AUTO_TEST_CASE(names_that_do_not) {
  for (const char* name :
       {"LOG_LEVEL", "MONKEY", "KEYBOARD", "PORT", "COMPASS", "PASSENGER_COUNT", "TOKENIZER", "HOST", "PWD", ""})
    BOOST_TEST(!secret(name), name);
  BOOST_TEST(why("MONKEY") == "nothing in its name says secret");
}

BOOST_AUTO_TEST_CASE(names_and_values_that_are_about_a_secret) {
  for (const char* name :
       {"POSTGRES_PASSWORD_FILE", "AWS_ACCESS_KEY_ID", "SSH_KEY_PATH", "TOKEN_TTL", "SECRET_NAME", "JWT_PUBLIC_KEY"})
    BOOST_TEST(!secret(name), name);
  BOOST_TEST(why("AWS_ACCESS_KEY_ID") == "its name ends in ID");
  BOOST_TEST(!secret("ALLOW_EMPTY_PASSWORD", "yes"));
  BOOST_TEST(!secret("MYSQL_RANDOM_ROOT_PASSWORD", "True"));
  BOOST_TEST(!secret("TLS_KEY", "/etc/tls/key.pem"));
  BOOST_TEST(!secret("DB_PASSWORD", ""));
  BOOST_TEST(!secret("DB_PASSWORD", "dso://shop/db#password"));
  BOOST_TEST(!secret("DB_PASSWORD", "dsofile://shop/db#password"));
  // base64 begins with a slash sometimes
  BOOST_TEST(secret("DB_PASSWORD", "/a//b=="));
  BOOST_TEST(secret("DB_PASSWORD", "true-love"));
}

BOOST_AUTO_TEST_CASE(addresses_with_a_password) {
  for (const char* value :
       {"postgres://app:s3cret@db/app", "redis://:s3cret@cache:6379/0", "amqp://u:p@q", "postgres://app:a/b#c@db/app"})
    BOOST_TEST(secret("DATABASE_URL", value), value);
  for (const char* value :
       {"postgres://db/app", "https://example.com:8443/a@b", "postgres://app@db/app", "postgres://app:@db/app", "mailto:a@b"})
    BOOST_TEST(!dso::has_password_in_address(value), value);
  BOOST_TEST(why("DATABASE_URL", "postgres://app:s3cret@db/app") == "its value is an address with a password");
}

BOOST_AUTO_TEST_SUITE_END()
