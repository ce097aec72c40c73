// What a rotation needs to know of a container: ports, networks, healthcheck, policies.
#include <boost/test/unit_test.hpp>

#include "logic/container_list.h"
#include "logic/docker_json.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(docker_json_container)

namespace {

using namespace std::chrono_literals;

const char* const kServing = R"({"Id":"0123456789abcdef0123","Name":"/api",
 "State":{"Status":"running","Error":"no such device"},
 "Config":{"StopTimeout":0,"Healthcheck":{"Test":["CMD","up"],"Interval":1500000000,"Timeout":1,"Retries":3}},
 "HostConfig":{"NetworkMode":"app","Links":["/db:/api/db"],"AutoRemove":true,"PublishAllPorts":false,
   "PortBindings":{"80/tcp":[{"HostIp":"","HostPort":""}]},"RestartPolicy":{"Name":"unless-stopped","MaximumRetryCount":0}},
 "NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}],
    "53/udp":[{"HostIp":"127.0.0.1","HostPort":"5353"}],"99/tcp":null,"98/tcp":[],"97/tcp":[{"HostIp":"","HostPort":""}]},
  "Networks":{"app":{"IPAMConfig":{"IPv4Address":"10.9.0.7"},"Aliases":["web","0123456789ab"],"NetworkID":"ff",
     "IPAddress":"10.9.0.7","GlobalIPv6Address":"fd00::7"},
   "six":{"IPAMConfig":{"IPv6Address":"fd01::1"},"Aliases":null,"NetworkID":"","IPAddress":""},
   "plain":{"IPAMConfig":null},"empty":{"IPAMConfig":{}}}}})";

std::string cause(const std::string& members) {
  auto r = parse_container_inspect(R"({"Id":"a","State":{"Status":"x"},)" + members + "}");
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::malformed));
  return r.error().cause;
}

}  // namespace

BOOST_AUTO_TEST_CASE(ports_as_bound) {
  const Container c = parse_container_inspect(kServing).value();
  BOOST_TEST((c.published ==
              std::vector<PublishedPort>{{"tcp", 80, "0.0.0.0", 8080}, {"tcp", 80, "::", 8080}, {"udp", 53, "127.0.0.1", 5353}}));
  BOOST_TEST(c.publishes);
}

BOOST_AUTO_TEST_CASE(a_stopped_container_still_publishes) {
  const std::string state = R"({"Id":"a","State":{"Status":"exited"},"NetworkSettings":{"Ports":{}},"HostConfig":)";
  for (const char* host : {R"({"PortBindings":{"80/tcp":[{"HostPort":"80"}]}})", R"({"PublishAllPorts":true})"}) {
    const Container c = parse_container_inspect(state + host + "}").value();
    BOOST_TEST(c.publishes);
    BOOST_TEST(c.published.empty());
  }
  BOOST_TEST(!parse_container_inspect(state + R"({"PortBindings":{},"PublishAllPorts":false}})").value().publishes);
}

BOOST_AUTO_TEST_CASE(endpoints) {
  const Container c = parse_container_inspect(kServing).value();
  BOOST_REQUIRE(c.endpoints.size() == 4u);
  const Endpoint& app = c.endpoints[0];
  BOOST_TEST(app.network == "app");
  BOOST_TEST(app.network_id == "ff");
  BOOST_TEST(app.ip == "10.9.0.7");
  BOOST_TEST(app.ip6 == "fd00::7");
  BOOST_TEST((app.aliases == std::vector<std::string>{"web"}));  // the engine's own, the short id, is none
  BOOST_TEST(app.static_ip);
  BOOST_TEST(c.endpoints[1].static_ip);
  BOOST_TEST(c.endpoints[1].aliases.empty());
  BOOST_TEST(!c.endpoints[2].static_ip);
  BOOST_TEST(!c.endpoints[3].static_ip);
}

BOOST_AUTO_TEST_CASE(mounts_of_its_own_and_others) {
  const auto borrowed = [](const std::string& host) {
    const Container c = parse_container_inspect(R"({"Id":"a","State":{"Status":"x"},"Mounts":[{"Destination":"/a"},
      {"Destination":"/b"},{"Destination":"/c"}],"HostConfig":)" +
                                                host + "}")
                            .value();
    std::string out;
    for (const ContainerMount& m : c.mounts) out += m.borrowed ? m.destination : "";
    return out;
  };
  BOOST_TEST(borrowed(R"({"Binds":["/x:/a:ro","/y:/b"]})") == "");
  BOOST_TEST(borrowed(R"({"Binds":["/x:/a:ro","/y:/b"],"VolumesFrom":["other"]})") == "/c");
  BOOST_TEST(borrowed(R"({"Binds":null,"Mounts":[{"Target":"/c"}],"VolumesFrom":["other:ro"]})") == "/a/b");
}

BOOST_AUTO_TEST_CASE(policies) {
  const Container c = parse_container_inspect(kServing).value();
  BOOST_TEST((c.links == std::vector<std::string>{"/db:/api/db"}));
  BOOST_TEST(c.restart_policy == "unless-stopped");
  BOOST_TEST(c.auto_remove);
  BOOST_TEST(c.stop_timeout_s == 0);
  BOOST_TEST(c.start_error == "no such device");
  const Container plain = parse_container_inspect(R"({"Id":"a","State":{"Status":"x"}})").value();
  BOOST_TEST(plain.stop_timeout_s == 10);
  BOOST_TEST(!plain.auto_remove);
  BOOST_TEST(!plain.publishes);
  BOOST_TEST(plain.endpoints.empty());
}

BOOST_AUTO_TEST_CASE(healthchecks_with_the_engines_defaults) {
  const Healthcheck h = parse_container_inspect(kServing).value().healthcheck;
  BOOST_TEST(h.defined());
  BOOST_TEST((h.test == std::vector<std::string>{"CMD", "up"}));
  BOOST_TEST((h.interval == 1500ms));
  BOOST_TEST((h.timeout == 1ms));  // never rounded to "none"
  BOOST_TEST((h.start_period == 0ms));
  const auto with = [](const std::string& check) {
    return parse_container_inspect(R"({"Id":"a","State":{"Status":"x"},"Config":{"Healthcheck":)" + check + "}}")
        .value()
        .healthcheck;
  };
  BOOST_TEST((with(R"({"Test":["CMD","up"],"Interval":0})").interval == 30s));
  BOOST_TEST((with(R"({"Test":["CMD","up"]})").timeout == 30s));
  BOOST_TEST((with(R"({"Test":["CMD","up"],"StartInterval":2000000000})").start_interval == 2s));
  BOOST_TEST(!with(R"({"Test":["NONE"]})").defined());
  BOOST_TEST(!with("null").defined());
}

BOOST_AUTO_TEST_CASE(wrong_types_are_named) {
  BOOST_TEST(cause(R"("NetworkSettings":{"Ports":{"x/tcp":[{"HostPort":"1"}]}})") == "NetworkSettings.Ports.x/tcp is not a port");
  BOOST_TEST(cause(R"("NetworkSettings":{"Ports":{"1/tcp":[{"HostPort":"65536"}]}})") ==
             "NetworkSettings.Ports.1/tcp[0].HostPort is not a port");
  BOOST_TEST(cause(R"("NetworkSettings":{"Networks":{"n":7}})") == "NetworkSettings.Networks.n is not an object");
  BOOST_TEST(cause(R"("HostConfig":{"AutoRemove":"yes"})") == "HostConfig.AutoRemove is not true or false");
  BOOST_TEST(cause(R"("Config":{"StopTimeout":99999999999})") == "Config.StopTimeout is out of range");
}

BOOST_AUTO_TEST_CASE(the_list_tells_the_network_too) {
  const auto list = parse_container_list(R"([{"Id":"a","HostConfig":{"NetworkMode":"host"}},{"Id":"b"}])").value().containers;
  BOOST_TEST(list[0].network_mode == "host");
  BOOST_TEST(list[1].network_mode.empty());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
