// The main() of every unit test program; the tests themselves include <boost/test/unit_test.hpp> and open suites.
#define BOOST_TEST_MODULE dso
#include <boost/test/included/unit_test.hpp>
