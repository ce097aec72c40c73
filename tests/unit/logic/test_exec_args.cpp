// `dso exec` finds the container behind Docker's flags, and keeps every flag as it was written.
#include <boost/test/unit_test.hpp>

#include "logic/exec_args.h"

using namespace dso;
using Words = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(exec_args)

BOOST_AUTO_TEST_CASE(flags_container_command) {
  const auto a = parse_exec_args({"-it", "-u", "1000", "--env=A=b", "-w", "/tmp", "web", "sh", "-c", "env"});
  BOOST_REQUIRE(a.has_value());
  BOOST_TEST((a->flags == Words{"-it", "-u", "1000", "--env=A=b", "-w", "/tmp"}));
  BOOST_TEST(a->container == "web");
  BOOST_TEST((a->command == Words{"sh", "-c", "env"}));
}

BOOST_AUTO_TEST_CASE(a_value_may_stand_in_the_same_word) {
  BOOST_TEST(parse_exec_args({"-u1000", "web", "id"})->container == "web");
  BOOST_TEST(parse_exec_args({"-itu", "1000", "web", "id"})->container == "web");
  BOOST_TEST(parse_exec_args({"--user", "1000", "web", "id"})->container == "web");
  BOOST_TEST(parse_exec_args({"--", "web", "id"})->container == "web");
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_said) {
  BOOST_TEST(parse_exec_args({}).error().cause == "no container is named");
  BOOST_TEST(parse_exec_args({"-it", "web"}).error().cause == "there is no command for 'web'");
  BOOST_TEST(parse_exec_args({"-u"}).error().cause == "the flag '-u' has no value");
  BOOST_TEST(parse_exec_args({"--help"})->help);
}

BOOST_AUTO_TEST_SUITE_END()
