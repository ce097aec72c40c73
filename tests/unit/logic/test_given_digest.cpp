// What containers are given decides, not what the store keeps beside it.
#include "logic/given_digest.h"

#include <boost/test/unit_test.hpp>

#include "logic/plan_delivery.h"

using namespace dso;

namespace {

const SecretKey kKey{"default", "multi"};

SecretValue secret(const std::vector<std::pair<std::string, std::string>>& fields) {
  SecretValue out{"multi", "1", {}};
  for (const auto& [name, value] : fields) out.fields.push_back({name, SecretBytes::copy_of(value)});
  return out;
}

std::string given(const std::vector<Mapping>& mappings, InjectType type, const SecretValue& value) {
  Scope scope;
  DeliveryItem item{kKey, {}, mappings};
  item.inject.type = type;
  scope.items.push_back(item);
  const auto plan = plan_delivery(scope, {{kKey, &value}});
  BOOST_REQUIRE(plan.has_value());
  return given_digests("key", *plan).at(kKey);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(given_digest_)

BOOST_AUTO_TEST_CASE(a_field_that_nobody_uses_does_not_count) {
  for (const InjectType type : {InjectType::file, InjectType::env}) {
    const std::vector<Mapping> a{{"a", "A"}};
    const std::string before = given(a, type, secret({{"a", "1"}, {"b", "1"}}));
    BOOST_TEST(given(a, type, secret({{"a", "1"}, {"b", "2"}})) == before);
    BOOST_TEST(given(a, type, secret({{"a", "1"}})) == before);
    BOOST_TEST(given(a, type, secret({{"a", "2"}, {"b", "1"}})) != before);
    BOOST_TEST(given({{"a", "B"}}, type, secret({{"a", "1"}})) != before);
    BOOST_TEST(given({}, type, secret({{"a", "1"}, {"b", "1"}})) != given({}, type, secret({{"a", "1"}, {"b", "2"}})));
    BOOST_TEST(given({}, type, secret({{"a", "1"}})) != given({}, type, secret({{"a", "1"}, {"b", "2"}})));
    const std::vector<Mapping> made{{"{{a}}:{{b}}", "DSN"}};
    BOOST_TEST(given(made, type, secret({{"a", "1"}, {"b", "1"}})) != given(made, type, secret({{"a", "1"}, {"b", "2"}})));
  }
}

BOOST_AUTO_TEST_CASE(no_two_plans_give_the_same_bytes) {
  BOOST_TEST(given({}, InjectType::file, secret({{"a", "1"}, {"b", ""}})) !=
             given({}, InjectType::file, secret({{"a", ""}, {"b", "1"}})));
  BOOST_TEST(given({{"a", "x"}}, InjectType::file, secret({{"a", "1"}})) !=
             given({{"a", "x"}}, InjectType::env, secret({{"a", "1"}})));
}

BOOST_AUTO_TEST_CASE(same) {
  const DeliveredSecret was{kKey, "1", "whole-1", 0, 0, "given-1"};
  BOOST_TEST(same_given(was, {kKey, "2", "whole-2", 0, 0, "given-1"}));
  BOOST_TEST(!same_given(was, {kKey, "2", "whole-2", 0, 0, "given-2"}));
  const DeliveredSecret older{kKey, "1", "whole-1", 0, 0, ""};
  BOOST_TEST(same_given(older, {kKey, "1", "whole-1", 0, 0, "given-1"}));
  BOOST_TEST(!same_given(older, {kKey, "2", "whole-2", 0, 0, "given-1"}));
  BOOST_TEST(!same_given(older, {kKey, "2", "whole-2", 0, 0, ""}));
  BOOST_TEST(given_digest(older) == "whole-1");
  BOOST_TEST(given_digest(was) == "given-1");
}

BOOST_AUTO_TEST_SUITE_END()
