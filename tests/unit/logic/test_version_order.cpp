// Semantic Versioning's own order, and what is no version.
#include <boost/test/unit_test.hpp>

#include "logic/version_order.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(version_order)

BOOST_AUTO_TEST_CASE(in_this_order) {
  const char* const rising[] = {"0.9.9",
                                "1.0.0-alpha",
                                "1.0.0-alpha.1",
                                "1.0.0-alpha.beta",
                                "1.0.0-beta",
                                "1.0.0-beta.2",
                                "1.0.0-beta.11",
                                "1.0.0-rc.1",
                                "1.0.0",
                                "1.0.1",
                                "1.2",
                                "1.10.0",
                                "2",
                                "10.0.0",
                                "99999999999999999999.0.0"};
  for (std::size_t i = 0; i < std::size(rising); ++i)
    for (std::size_t j = 0; j < std::size(rising); ++j)
      BOOST_TEST((compare_versions(rising[i], rising[j]) == (i <=> j)), rising[i] << " and " << rising[j]);
}

BOOST_AUTO_TEST_CASE(the_same) {
  for (const auto& [a, b] :
       {std::pair{"1.2", "1.2.0"}, {"1.2.3+a", "1.2.3+b"}, {"01.2.3", "1.2.3"}, {"nightly", "nightly"}, {"", ""}})
    BOOST_TEST((compare_versions(a, b) == std::strong_ordering::equal), a << " and " << b);
}

BOOST_AUTO_TEST_CASE(what_is_no_version_has_no_order) {
  for (const char* other : {"", "nightly", "v1.2.3", "1..2", "1.2.", "1.2.3.4.5", "1.2.3-", "1.2.3-a..b", "-1"})
    BOOST_TEST(!compare_versions("1.2.3", other).has_value(), other);
}

BOOST_AUTO_TEST_SUITE_END()
