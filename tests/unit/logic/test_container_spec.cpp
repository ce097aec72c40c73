// What a container starts with, by the engine's own merge rules, and the same behind dso-init.
#include <boost/test/unit_test.hpp>

#include "logic/container_spec.h"

using namespace dso;
using Words = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(container_spec)

namespace {
const ImageConfig kImage{"sha256:1", "", {"/entry.sh"}, {"serve", "--all"}};
}

BOOST_AUTO_TEST_CASE(the_image_alone) {
  BOOST_CHECK(effective_start(kImage, {}, {}) == (StartCommand{{"/entry.sh"}, {"serve", "--all"}}));
}

BOOST_AUTO_TEST_CASE(a_users_command_replaces_the_images) {
  BOOST_CHECK(effective_start(kImage, {}, Words{"migrate"}) == (StartCommand{{"/entry.sh"}, {"migrate"}}));
  BOOST_CHECK(effective_start(kImage, {}, Words{}) == (StartCommand{{"/entry.sh"}, {"serve", "--all"}}));
}

BOOST_AUTO_TEST_CASE(a_users_entrypoint_clears_the_images_command) {
  BOOST_CHECK(effective_start(kImage, Words{"sh"}, {}) == (StartCommand{{"sh"}, {}}));
  BOOST_CHECK(effective_start(kImage, Words{"sh"}, Words{"-c", "id"}) == (StartCommand{{"sh"}, {"-c", "id"}}));
}

BOOST_AUTO_TEST_CASE(an_entrypoint_is_taken_away_in_two_ways) {
  BOOST_CHECK(effective_start(kImage, Words{""}, {}) == (StartCommand{{}, {}}));
  BOOST_CHECK(effective_start(kImage, Words{""}, Words{"id"}) == (StartCommand{{}, {"id"}}));
  BOOST_CHECK(effective_start(kImage, Words{}, {}) == (StartCommand{{}, {"serve", "--all"}}));
}

BOOST_AUTO_TEST_CASE(the_shim_stands_in_front_once) {
  const StartCommand start{{"/entry.sh"}, {"serve"}};
  const StartCommand shimmed = *with_shim(start);
  BOOST_CHECK(shimmed == (StartCommand{{"/run/dso/init", "/entry.sh"}, {"serve"}}));
  BOOST_CHECK(*with_shim(shimmed) == shimmed);
  BOOST_CHECK(has_shim(shimmed) && !has_shim(start));
  BOOST_CHECK(without_shim(shimmed) == start);
  BOOST_CHECK(without_shim(start) == start);
}

BOOST_AUTO_TEST_CASE(the_shim_works_without_an_entrypoint) {
  BOOST_CHECK(*with_shim({{}, {"sh"}}) == (StartCommand{{"/run/dso/init"}, {"sh"}}));
}

BOOST_AUTO_TEST_CASE(nothing_to_start_is_an_error) {
  const auto r = with_shim({});
  BOOST_REQUIRE(r.has_error());
  BOOST_CHECK(r.error().cls == ErrorClass::invalid_request);
}

BOOST_AUTO_TEST_SUITE_END()
