// The store's version against the delivered one.
#include <boost/test/unit_test.hpp>

#include "logic/drift.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(drift)

BOOST_AUTO_TEST_CASE(by_the_stores_versions) {
  const DeliveredSecret d{{"default", "db"}, "3", "digest", 0, 0};
  BOOST_TEST(drift_text(d, std::string("3")) == "none");
  BOOST_TEST(drift_text(d, std::string("4")) == "the store has version 4");
  BOOST_TEST(drift_text(d, std::string()) == "unknown: the store has no versions");
  BOOST_TEST(drift_text({{"default", "db"}, "", "digest", 0, 0}, std::string("4")) == "unknown: the store has no versions");
  BOOST_TEST(drift_text(d, make_error(ErrorClass::access_denied, "x", "y")) == "unknown: AccessDenied");
  BOOST_TEST((drift_of(d, std::string("4")) == Drift::newer));
}

BOOST_AUTO_TEST_SUITE_END()
