// Date headers.
#include <boost/test/unit_test.hpp>

#include "logic/http_date.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(http_date)

BOOST_AUTO_TEST_CASE(the_one_form_that_servers_send) {
  BOOST_TEST(parse_http_date("Thu, 01 Jan 2026 00:05:01 GMT").value() == 1767225901);
  for (const char* bad : {"", "Thu, 01 Jan 2026 00:05:01", "Thu, 01 Jan 2026 00:05:01 GMT+1", "2026-01-01T00:05:01Z"})
    BOOST_TEST(!parse_http_date(bad).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
