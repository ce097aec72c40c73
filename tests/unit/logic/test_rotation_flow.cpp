// Which flow a container gets, and what makes a rolling update impossible.
#include <boost/test/unit_test.hpp>

#include "logic/rotation_flow.h"
#include "logic/rotation_names.h"

using namespace dso;

namespace {

Container with_volume(const std::string& image) {
  Container c;
  c.image = image;
  c.mounts.push_back({"volume", "/var/lib/docker/volumes/data/_data", "/data", false});
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_plain_container_is_swapped) {
  BOOST_TEST((choose_flow(Container{}).flow == Flow::swap));
  BOOST_TEST(rolling_obstacle(Container{}) == "");
}

BOOST_AUTO_TEST_CASE(ports_and_static_addresses_need_a_stand_in) {
  Container ports;
  ports.publishes = true;
  BOOST_TEST((choose_flow(ports).flow == Flow::relay));
  Container address;
  address.endpoints.push_back({"net", "id", "10.1.0.5", "", {}, true});
  BOOST_TEST((choose_flow(address).flow == Flow::relay));
  Container mac;
  mac.static_mac = true;
  BOOST_TEST((choose_flow(mac).flow == Flow::relay));
}

BOOST_AUTO_TEST_CASE(a_database_with_data_is_never_there_twice) {
  BOOST_TEST((choose_flow(with_volume("docker.io/library/postgres:16")).flow == Flow::exclusive));
  BOOST_TEST((choose_flow(with_volume("redis@sha256:abc")).flow == Flow::exclusive));
  BOOST_TEST((choose_flow(with_volume("my/postgres-exporter:1")).flow == Flow::swap));
  Container without_data;
  without_data.image = "postgres";
  BOOST_TEST((choose_flow(without_data).flow == Flow::swap));
  Container said = with_volume("postgres:16");
  said.labels[label::kExclusive] = "false";
  BOOST_TEST((choose_flow(said).flow == Flow::swap));
  Container asked;
  asked.labels[label::kExclusive] = "true";
  BOOST_TEST((choose_flow(asked).flow == Flow::exclusive));
}

BOOST_AUTO_TEST_CASE(a_registry_with_a_port_is_no_tag) {
  BOOST_TEST(database_image("registry:5000/team/mysql") == "mysql");
  BOOST_TEST(database_image("registry:5000/mysql:8") == "mysql");
  BOOST_TEST(database_image("web") == "");
}

BOOST_AUTO_TEST_CASE(scopes_have_generations) {
  BOOST_TEST(scope_base("run-0123456789abcdef") == "run-0123456789abcdef");
  BOOST_TEST(scope_base("run-0123456789abcdef.12") == "run-0123456789abcdef");
  BOOST_TEST(scope_generation("run-0123456789abcdef") == 1);
  BOOST_TEST(scope_generation("run-0123456789abcdef.12") == 12);
  BOOST_TEST(scope_base("compose-p-api.2-0123456789abcdef") == "compose-p-api.2-0123456789abcdef");
  BOOST_TEST(scope_of_generation("run-0123456789abcdef", 3) == "run-0123456789abcdef.3");
  BOOST_TEST(scope_of_generation("run-0123456789abcdef", 1) == "run-0123456789abcdef");
}
