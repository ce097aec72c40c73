// Whose a container is, where two agents share a host.
#include <boost/test/unit_test.hpp>

#include "logic/delivered_elsewhere.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(delivered_elsewhere_)

namespace {

Container with(const std::string& source, const std::string& scope = "api-1", const std::string& type = "bind") {
  Container c;
  if (!scope.empty()) c.labels[label::kScope] = scope;
  c.mounts = {{"bind", "/var/lib/dso/bin/init", "/run/dso/init", true}, {type, source, "/run/secrets", true}};
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(another_run_dir) {
  BOOST_TEST(delivered_elsewhere(with("/run/b/secrets/api-1/files-0"), "/run/a") == "delivered by the agent of /run/b");
  BOOST_TEST(delivered_elsewhere(with("/run/a/b/secrets/api-1/files-0"), "/run/a") == "delivered by the agent of /run/a/b");
}

BOOST_AUTO_TEST_CASE(ours_however_it_is_written) {
  for (const char* ours : {"/run/a", "/run/a/", "/run//a", "/run/x/../a"})
    BOOST_TEST(delivered_elsewhere(with("/run/a/secrets/api-1/files-0"), ours).empty(), ours);
}

BOOST_AUTO_TEST_CASE(nothing_of_an_agents) {
  BOOST_TEST(delivered_elsewhere(with("/srv/secrets/other/x"), "/run/a").empty());
  BOOST_TEST(delivered_elsewhere(with("/run/b/secrets/api-1/x", ""), "/run/a").empty());
  BOOST_TEST(delivered_elsewhere(with("/run/b/secrets/api-1/x", "api-1", "volume"), "/run/a").empty());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
