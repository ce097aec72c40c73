// Whose process sees a scope: files are written by this list, so one that is missing from it would see them before it is told.
#include <boost/test/unit_test.hpp>
#include <map>

#include "agent/agent_parts.h"
#include "agent/preview.h"
#include "agent/reload_target.h"
#include "delivery/store_fixture.h"
#include "fake_engine.h"
#include "logic/parse_config.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

const char* const kFails = "500 Internal Server Error";

/// Two volumes of the driver, "first" with the containers a1 and a2, "second" with b1. The engine has an error with each call
/// about one of `failing`, and gives an answer about the others.
struct TwoVolumes : test::StoreFixture {
  std::map<std::string, std::string> failing;  ///< Status by name.
  const std::map<std::string, std::vector<std::string>> users{{"first", {"a1", "a2"}}, {"second", {"b1"}}};
  test::FakeEngine fake{[this](const std::string& call) { return answer_to(call); }};
  Engine engine = Engine::at(fake.socket());
  Sources sources{default_config(), Paths{}};
  test::AgentParts agent{sources, store, engine, 1};

  TwoVolumes() {
    for (const auto& [volume, names] : users) write(volume_scope_id(volume), "d", {{"/run/secrets/a", "1"}});
  }
  std::string answer_to(const std::string& call) const {
    std::string list;
    for (const auto& [volume, names] : users)
      for (const std::string& name : names) {
        const std::string facts = R"("Id":")" + name + R"(","Mounts":[{"Type":"volume","Name":")" + volume + R"("}])";
        if (call.find("/containers/" + name + "/json") != std::string::npos) {
          if (failing.contains(name)) return test::FakeEngine::refusal(failing.at(name), "no");
          return test::answer("{" + facts + R"(,"Name":"/)" + name + R"(","State":{"Status":"running"},"HostConfig":{},)" +
                              R"("Config":{"Labels":{"dso.reloader":"true"}}})");
        }
        if (call.find(volume) == std::string::npos) continue;  // the filter
        list += (list.empty() ? "{" : ",{") + facts + R"(,"Names":["/)" + name + R"("],"State":"running"})";
      }
    return test::answer("[" + list + "]");
  }
  Result<std::vector<Container>> users_of(const std::string& volume) const {
    return scope_users(engine, store, store.read(volume_scope_id(volume)).value().scope, {});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(scope_users_, TwoVolumes)

BOOST_AUTO_TEST_CASE(all_of_them_and_nobody_else) {
  const auto found = users_of("first");
  BOOST_REQUIRE(found.has_value());
  BOOST_REQUIRE(found->size() == 2u);
  BOOST_TEST(found->front().name == "a1");
  BOOST_TEST(found->back().name == "a2");
}

BOOST_AUTO_TEST_CASE(one_that_is_gone_is_none) {
  failing["a1"] = "404 Not Found";
  const auto found = users_of("first");
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->size() == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_the_engine_cannot_tell_of_is_not_passed_over) {
  failing["a1"] = kFails;
  const auto found = users_of("first");
  BOOST_REQUIRE(found.has_error());
  BOOST_TEST(render(found.error()).find("'a1'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(it_holds_up_no_poll_of_another_scope) {
  failing["a1"] = kFails;
  BOOST_TEST(agent.untold.look_anew({}).has_value());
  BOOST_TEST(fake.called("/containers/b1/json") > 0u);
  BOOST_TEST(agent.untold.look_anew({}).has_value());
  BOOST_TEST(fake.called("/containers/a1/json") == 2u);  // it is not taken for told
}

BOOST_AUTO_TEST_CASE(a_preview_shows_the_other_scopes) {
  failing["a1"] = kFails;
  const auto previews = preview_rotations(sources, store, agent.ties, "", {});
  BOOST_REQUIRE(previews.has_value());
  BOOST_REQUIRE(previews->size() == 2u);
  BOOST_REQUIRE(previews->front().error);
  BOOST_TEST(render(*previews->front().error).find("'a1'") != std::string::npos);
  BOOST_TEST(previews->back().containers == std::vector<std::string>{"b1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
