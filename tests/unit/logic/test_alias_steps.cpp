// The names that a container gets once it serves.
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "logic/clone_spec.h"
#include "logic/docker_json.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(alias_steps_suite)

namespace {

std::string inspect(const std::string& name, const std::string& networks, const std::string& labels = "", char digit = 'a') {
  return R"({"Id":")" + std::string(16, digit) + R"(","Name":"/)" + name +
         R"(","State":{"Status":"running"},"Config":{"Labels":{)" + labels + R"(}},"NetworkSettings":{"Networks":{)" + networks +
         "}}}";
}

std::vector<AliasStep> steps(const std::string& service, const std::string& candidate) {
  const Container from = parse_container_inspect(service).value(), to = parse_container_inspect(candidate).value();
  auto out = alias_steps({from, service}, {to, candidate});
  BOOST_REQUIRE_MESSAGE(out.has_value(), (out.has_error() ? render(out.error()) : ""));
  return *out;
}

const std::string kCandidate = R"("dso.service":"api","dso.role":"candidate")";

}  // namespace

BOOST_AUTO_TEST_CASE(the_services_aliases_and_its_name) {
  const auto out = steps(
      inspect("api", R"("n":{"Aliases":["web","aaaaaaaaaaaa"],"IPAMConfig":{"IPv4Address":"10.0.0.9"}})"),
      inspect(
          "api_dso_new",
          R"("n":{"Aliases":["bbbbbbbbbbbb","h"],"Links":["db:d"],"DriverOpts":{"o":"1"},"GwPriority":3,"IPAddress":"10.0.0.4"})",
          kCandidate, 'b'));
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST(out[0].network == "n");
  BOOST_TEST(boost::json::parse(out[0].endpoint) ==
             boost::json::parse(R"({"Links":["db:d"],"DriverOpts":{"o":"1"},"GwPriority":3,"Aliases":["web","api","h"]})"));
}

BOOST_AUTO_TEST_CASE(of_a_service_that_is_set_aside_the_name_is_the_services) {
  BOOST_TEST(steps(inspect("api_dso_old", R"("n":{})"), inspect("api", R"("n":{})", kCandidate, 'b')).at(0).endpoint ==
             R"({"Aliases":["api"]})");
}

BOOST_AUTO_TEST_CASE(an_address_of_the_users_stays) {
  const std::string at = R"("n":{"IPAMConfig":{"IPv4Address":"10.0.0.9"}})";
  BOOST_TEST(steps(inspect("api", at), inspect("api", at)).at(0).endpoint ==
             R"({"IPAMConfig":{"IPv4Address":"10.0.0.9"},"Aliases":["api"]})");
}

BOOST_AUTO_TEST_CASE(a_mac_address_of_the_users_stays) {
  const std::string networks = R"("m":{},"n":{"MacAddress":"02:42:ac:11:00:02"})";
  std::string to = inspect("api", networks, kCandidate, 'b');
  to.replace(to.find(R"("Config":{)"), 10, R"("HostConfig":{"NetworkMode":"n"},"Config":{"MacAddress":"02:42:0a:0b:0c:0d",)");
  const auto out = steps(inspect("api_dso_old", networks), to);
  BOOST_REQUIRE(out.size() == 2u);
  BOOST_TEST(out[0].endpoint == R"({"Aliases":["api"]})");
  BOOST_TEST(out[1].endpoint == R"({"MacAddress":"02:42:0a:0b:0c:0d","Aliases":["api"]})");
}

BOOST_AUTO_TEST_CASE(no_step_where_all_is_there_or_nothing_resolves) {
  const std::string whole = inspect("api", R"("n":{"Aliases":["web"]},"bridge":{},"m":{})");
  BOOST_TEST(
      steps(whole, inspect("api_dso_new", R"("n":{"Aliases":["api","web"]},"m":{"Aliases":["api"]},"bridge":{})")).empty());
  const auto one = steps(whole, inspect("api_dso_new", R"("n":{"Aliases":["api","web"]},"m":{},"bridge":{})"));
  BOOST_REQUIRE(one.size() == 1u);
  BOOST_TEST(one[0].network == "m");
  BOOST_TEST(steps(inspect("api", R"("host":{})"), inspect("api_dso_new", R"("host":{})")).empty());
}

BOOST_AUTO_TEST_CASE(of_a_service_that_is_gone_the_candidate_knows) {
  const std::string origin = R"(,"dso.origin":"{\"Networks\":{\"n\":{\"Aliases\":[\"web\"]}}}")";
  const std::string own = inspect("api_dso_new", R"("n":{"Aliases":["aaaaaaaaaaaa"]})", kCandidate + origin);
  BOOST_TEST(steps(own, own).at(0).endpoint == R"({"Aliases":["web","api"]})");
  // A service made by DSO once and renamed by its owner has the name it has.
  BOOST_TEST(steps(inspect("mine", R"("n":{})", kCandidate), own).at(0).endpoint == R"({"Aliases":["mine"]})");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
