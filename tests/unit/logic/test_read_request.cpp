// Paths and answers of the read socket.
#include "logic/read_request.h"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(read_request)

namespace {

std::string name_of(std::string_view target) {
  const auto name = secret_of_target(target);
  return name.has_value() ? *name : std::string(class_name(name.error().cls));
}

SecretValue value(const std::vector<std::pair<std::string, std::string>>& fields) {
  SecretValue out{"my\"app/db", "7", {}};
  for (auto& [name, text] : fields) out.fields.push_back({name, SecretBytes::copy_of(text)});
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(names) {
  BOOST_TEST(name_of("/v1/secrets/myapp/db") == "myapp/db");
  BOOST_TEST(name_of("/v1/secrets/myapp%2Fdb%20x?y=1") == "myapp/db x");
  for (const char* target : {"/", "/v1/secrets/", "/v1/secrets", "/v2/secrets/a", "v1/secrets/a"})
    BOOST_TEST(name_of(target) == "NotFound");
  for (const char* target : {"/v1/secrets/%", "/v1/secrets/a%4", "/v1/secrets/a%gg"})
    BOOST_TEST(name_of(target) == "InvalidRequest");
}

BOOST_AUTO_TEST_CASE(an_answer_is_json_whatever_the_value) {
  const std::string odd = "a\"b\\c\nd\x01 \xc3\xa4";
  const SecretBuffer text = secret_answer(value({{"user", "u"}, {"odd", odd}, {"raw", "\xff\xfe"}}));
  const auto root = boost::json::parse({text.data(), text.size()}).as_object();
  BOOST_TEST(root.at("name").as_string() == "my\"app/db");
  BOOST_TEST(root.at("version").as_string() == "7");
  BOOST_TEST(root.at("fields").as_object().size() == 2u);
  BOOST_TEST(root.at("fields").as_object().at("odd").as_string() == odd);
  BOOST_TEST(root.at("fields_base64").as_object().at("raw").as_string() == "//4=");
  BOOST_TEST(view(secret_answer(value({}))) == "{\"name\":\"my\\\"app/db\",\"version\":\"7\",\"fields\":{}}\n");
}

BOOST_AUTO_TEST_CASE(which_of_the_callers_own) {
  const std::vector<SecretKey> own = {{"prod", "db"}, {"test", "db"}, {"prod", "api"}, {"a", "b/api"}};
  BOOST_TEST(named_secrets(own, "db").size() == 2u);
  BOOST_TEST(named_secrets(own, "test/db").at(0).instance == "test");
  BOOST_TEST(named_secrets(own, "prod/api").size() == 1u);
  BOOST_TEST(named_secrets(own, "other").empty());
  BOOST_TEST(named_secrets(own, "").empty());
  BOOST_TEST(named_secrets(own, "prod/").empty());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
