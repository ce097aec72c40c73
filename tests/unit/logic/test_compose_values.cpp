// Compose's answer as variables, and the comparison that lets a migrated copy pass: what was meant has to be there, and nothing
// else.
#include <boost/test/unit_test.hpp>

#include "logic/compose_values.h"

BOOST_AUTO_TEST_SUITE(compose_values)

namespace {

constexpr std::string_view kBefore =
    R"({"name":"shop","services":{"api":{"image":"x","environment":{"B":"2","A":"pa$$word","N":null},)"
    R"("build":{"args":{"TOKEN":"t"}}},)"
    R"("db":{"image":"y","command":["a","b"],"labels":{"dso.reloader":"false"}}}})";

std::string unexpected(std::string_view before, std::string_view after, const std::vector<std::string>& labelled = {}) {
  const auto out = dso::unexpected_change(before, after, {{"api", "A", "dso://s#A"}}, labelled);
  BOOST_REQUIRE(out.has_value());
  return *out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(variables_of_each_service) {
  const auto values = dso::compose_values(kBefore);
  BOOST_REQUIRE(values.has_value());
  BOOST_TEST(values->project == "shop");
  BOOST_REQUIRE(values->services.size() == 2u);
  const dso::ServiceValues& api = values->services[0];
  BOOST_TEST(api.service == "api");
  BOOST_REQUIRE(api.variables.size() == 2u);
  BOOST_TEST(api.variables[0].name == "A");
  BOOST_TEST(api.variables[0].value.reveal() == "pa$word");
  BOOST_TEST(api.build_arguments == std::vector<std::string>{"TOKEN"}, boost::test_tools::per_element());
  BOOST_TEST(!api.watched);
  BOOST_TEST(values->services[1].watched);
  BOOST_TEST(dso::compose_values("{").has_error());
  BOOST_TEST(dso::compose_values("[]").has_error());
}

BOOST_AUTO_TEST_CASE(only_what_was_meant_may_differ) {
  const std::string before = R"({"services":{"api":{"command":["a","b"],"environment":{"A":"1","B":"2"}}}})";
  const std::string after = R"({"services":{"api":{"command":["a","b"],"environment":{"B":"2","A":"dso://s#A"}}}})";
  BOOST_TEST(unexpected(before, after) == "");
  BOOST_TEST(unexpected(before, before) == "services.api.environment.A");
  BOOST_TEST(unexpected(before, R"({"services":{"api":{"command":["a","c"],"environment":{"B":"2","A":"dso://s#A"}}}})") ==
             "services.api.command[1]");
  BOOST_TEST(unexpected(before, R"({"services":{"api":{"command":["a","b"],"environment":{"A":"dso://s#A"}}}})") ==
             "services.api.environment");
  BOOST_TEST(unexpected(before, R"({"services":{"api":{"command":["a","b"],"environment":{"B":"3","A":"dso://s#A"}}}})") ==
             "services.api.environment.B");
  BOOST_TEST(unexpected(before, R"({"x":1,"services":{"api":{"command":["a","b"],"environment":{"B":"2","A":"dso://s#A"}}}})") ==
             "x");
}

BOOST_AUTO_TEST_CASE(a_label_and_a_new_environment) {
  const std::string before = R"({"services":{"api":{"image":"x"}}})";
  const std::string after =
      R"({"services":{"api":{"image":"x","environment":{"A":"dso://s#A"},"labels":{"dso.reloader":"true"}}}})";
  BOOST_TEST(unexpected(before, after, {"api"}) == "");
  BOOST_TEST(unexpected(before, after) == "services.api.labels");
  BOOST_TEST(unexpected(before, R"({"services":{"api":{"image":"x","environment":{"A":"dso://s#A"}}}})", {"api"}) ==
             "services.api.labels");
}

BOOST_AUTO_TEST_SUITE_END()
