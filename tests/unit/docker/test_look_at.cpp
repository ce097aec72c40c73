// A look at one of several containers, of which the engine may never answer about one.
#include <atomic>
#include <boost/test/unit_test.hpp>

#include "docker/engine.h"
#include "fake_engine.h"

BOOST_AUTO_TEST_SUITE(look_at_)

namespace {

using namespace dso;

/// Answers, but never about the container `stuck`; never at all once it is `away`.
struct Hangs {
  std::atomic<bool> away = false;
  test::FakeEngine fake{[this](const std::string& call) -> std::string {
    if (away || call.find("/containers/stuck/") != std::string::npos) return {};
    if (call.ends_with("/version")) return test::answer(R"({"Version":"1","ApiVersion":"1.41"})");
    return test::answer(R"({"Id":"good","Name":"/good","Image":"i","Config":{},"HostConfig":{},"State":{"Status":"running"}})");
  }};
  Engine engine = Engine::at(fake.socket());
  Result<Container> look(const std::string& id) const { return engine.look_at(id, Deadline::in(std::chrono::seconds(1))); }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(one_that_the_engine_never_answers_about_is_passed_over, Hangs) {
  const auto stuck = look("stuck");
  BOOST_REQUIRE(stuck.has_error());
  BOOST_TEST(engine.passes_over(stuck.error()));
  BOOST_TEST(render(stuck.error()).find("'stuck': the engine answers, but not about this container") != std::string::npos);
  BOOST_TEST(look("good").has_value());
}

BOOST_FIXTURE_TEST_CASE(it_is_not_waited_for_again_at_once, Hangs) {
  BOOST_TEST(look("stuck").has_error());
  const auto again = look("stuck");
  BOOST_REQUIRE(again.has_error());
  BOOST_TEST(engine.passes_over(again.error()));
  BOOST_TEST(fake.called("/containers/stuck/json") == 1u);
}

BOOST_FIXTURE_TEST_CASE(an_engine_that_never_answers_is_away, Hangs) {
  BOOST_TEST(look("good").has_value());
  away = true;
  const auto seen = look("good");
  BOOST_REQUIRE(seen.has_error());
  BOOST_TEST(!engine.passes_over(seen.error()));
  away = false;
  BOOST_TEST(look("good").has_value());
}

BOOST_FIXTURE_TEST_CASE(who_had_no_time_learned_nothing, Hangs) {
  BOOST_TEST(engine.look_at("stuck", Deadline::in(std::chrono::milliseconds(50))).has_error());
  BOOST_TEST(look("stuck").has_error());
  BOOST_TEST(fake.called("/containers/stuck/json") == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
