// A container that lost its secrets is noticed when it starts; all others raise no word.
#include <boost/test/unit_test.hpp>

#include "logic/missing_delivery.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(missing_delivery_)

namespace {
std::vector<Scope> known() {
  Scope s;
  s.id = "compose-shop-api-0123456789abcdef";
  s.service = "shop/api";
  return {s};
}
std::string missing(const std::string& name, const std::map<std::string, std::string>& labels, const std::vector<Scope>& scopes) {
  Container c;
  c.name = name;
  c.labels = labels;
  return missing_delivery(c, scopes);
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_compose_service_made_anew_without_its_scope) {
  const auto text =
      missing("shop-api-1", {{"com.docker.compose.project", "shop"}, {"com.docker.compose.service", "api"}}, known());
  BOOST_TEST(text.find("'shop-api-1' was started without its secrets") == 0u);
  BOOST_TEST(text.find("dso up") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_service_or_project_is_none_of_our_business) {
  BOOST_TEST(missing("x", {{"com.docker.compose.project", "shop"}, {"com.docker.compose.service", "web"}}, known()).empty());
  BOOST_TEST(missing("x", {{"com.docker.compose.project", "other"}, {"com.docker.compose.service", "api"}}, known()).empty());
  BOOST_TEST(missing("x", {}, known()).empty());
}

BOOST_AUTO_TEST_CASE(opted_in_but_nothing_delivered) {
  BOOST_TEST(missing("x", {{"dso.reloader", "true"}}, {}).find("delivers nothing") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
