// When a container became healthy, where the engine still knows.
#include <boost/test/unit_test.hpp>

#include "logic/health_log.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(health_log)

BOOST_AUTO_TEST_CASE(the_first_good_probe_where_the_engine_still_knows_it) {
  const auto first = [](const std::string& log) {
    return first_healthy_ms(R"({"State":{"Health":{"Status":"healthy","Log":)" + log + "}}}");
  };
  const std::string bad = R"({"ExitCode":1,"End":"1970-01-01T00:00:01Z"})",
                    good = R"({"ExitCode":0,"End":"1970-01-01T01:00:02+01:00"})";
  BOOST_TEST(first("[" + bad + "," + good + "," + good + "]") == 2000);
  BOOST_TEST(first("[" + bad + "]") == 0);
  BOOST_TEST(first("null") == 0);
  BOOST_TEST(first("[" + good + "," + good + "," + good + "," + good + "," + good + "]") == 0);
  BOOST_TEST(first_healthy_ms(R"({"State":{}})") == 0);
  BOOST_TEST(first_healthy_ms("no JSON") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
