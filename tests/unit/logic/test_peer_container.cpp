// /proc/PID/cgroup of both versions, nested groups, and groups that lie.
#include "logic/peer_container.h"

#include <boost/test/unit_test.hpp>

#include "logic/mounted_volumes.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(peer_container)

namespace {

const std::string kA(64, 'a'), kB(64, 'b');

std::string of(const std::string& text) {
  const auto found = container_of_cgroup(text);
  return found.has_value() ? *found : std::string(class_name(found.error().cls));
}

}  // namespace

BOOST_AUTO_TEST_CASE(containers) {
  BOOST_TEST(of("0::/docker/" + kA + "\n") == kA);
  BOOST_TEST(of("0::/system.slice/docker-" + kA + ".scope\n") == kA);
  BOOST_TEST(of("0::/dso-swarm/" + kA) == kA);
  BOOST_TEST(of("12:pids:/docker/" + kA + "\n1:name=systemd:/docker/" + kA + "\n0::/\n") == kA);
}

BOOST_AUTO_TEST_CASE(the_host) {
  BOOST_TEST(of("") == "");
  BOOST_TEST(of("0::/\n") == "");
  BOOST_TEST(of("0::/user.slice/user-0.slice/session-1.scope\n") == "");
  BOOST_TEST(of("0::/docker/" + kA.substr(1) + "\n") == "");  // 63 digits are no id
  BOOST_TEST(of("0::/docker/" + kA + "a\n") == "");           // nor are 65
  BOOST_TEST(of(kA + "\n") == "");                            // not a line of a cgroup file
  BOOST_TEST(of("1:" + kA + ":/\n") == "");                   // a controller is no path
}

BOOST_AUTO_TEST_CASE(the_outermost_counts) {
  BOOST_TEST(of("0::/docker/" + kA + "/docker/" + kB + "\n") == kA);
  BOOST_TEST(of("0::/docker/" + kA + "/init.scope\n") == kA);
}

BOOST_AUTO_TEST_CASE(lines_that_disagree_are_nobody) {
  BOOST_TEST(of("2:cpu:/docker/" + kA + "\n1:pids:/docker/" + kB + "\n") == "AccessDenied");
}

BOOST_AUTO_TEST_CASE(volumes_of_a_container_by_their_names) {
  const auto names = mounted_volumes(R"({"Id":"c","Mounts":[{"Type":"volume","Name":"a","Source":"","Driver":"dso"},
      {"Type":"bind","Source":"/x","Destination":"/y"},{"Type":"volume","Name":"b"},{"Type":"tmpfs"}]})");
  BOOST_REQUIRE(names.has_value());
  BOOST_TEST((*names == std::vector<std::string>{"a", "b"}));
  BOOST_TEST(mounted_volumes(R"({"Id":"c","Mounts":null})")->empty());
  BOOST_TEST(mounted_volumes("x").has_error());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
