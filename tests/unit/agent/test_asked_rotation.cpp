// `dso rotate` and `dso rollback` while an update of the agent's own is under way: what was looked at before the wait is looked
// at again after it.
#include <atomic>
#include <boost/test/unit_test.hpp>

#include "agent/agent_parts.h"
#include "agent/deliver.h"
#include "delivery/store_fixture.h"
#include "fake_engine.h"
#include "logic/parse_config.h"
#include "vault/local_store.h"

namespace dso {
namespace {

/// The container `shop`: at the first look of the generation before, which an update has replaced and dropped since.
struct Moving : test::StoreFixture {
  std::atomic<int> looks = 0;
  std::atomic<bool> moves = true;
  test::FakeEngine fake{[this](const std::string& call) { return answer_to(call); }};
  Engine engine = Engine::at(fake.socket());
  Sources sources{default_config(), paths()};
  test::AgentParts agent{sources, store, engine, 1};

  Moving() {
    BOOST_REQUIRE(LocalStore::init(paths().store(), std::nullopt).has_value());
    BOOST_REQUIRE(LocalStore::set(paths().store(), std::nullopt, "db", "password", SecretBytes::copy_of("x")).has_value());
    Scope scope;
    scope.id = "run-1.2";
    scope.service = "shop";
    scope.items.push_back({{"default", "db"}, {}, {}});
    BOOST_REQUIRE(deliver_scope(scope, sources, store, Deadline::in(std::chrono::seconds(60)), {}).has_value());
  }
  Paths paths() const {
    Paths p;
    p.store_dir = root.path + "/store";
    return p;
  }
  std::string answer_to(const std::string& call) {
    const bool whole = call.find("/containers/shop/json") != std::string::npos;
    if (!whole && call.find("/containers/json") == std::string::npos) return test::FakeEngine::refusal("404 Not Found", "no");
    const std::string scope = whole && (looks++ == 0 || !moves) ? "run-1" : "run-1.2";
    const std::string facts = R"("Id":"shop","Mounts":[{"Type":"bind","Source":")" + store.paths().secrets_dir() + "/" + scope +
                              R"(/files-1","Destination":"/run/secrets"}])";
    const std::string labels = R"("Labels":{"dso.reloader":"true","dso.strategy":"none"}})";
    if (!whole) return test::answer("[{" + facts + R"(,"Names":["/shop"],"State":"running",)" + labels + "]");
    return test::answer("{" + facts + R"(,"Name":"/shop","State":{"Status":"running"},"HostConfig":{},"Config":{)" + labels +
                        "}");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(asked_rotation, Moving)

BOOST_AUTO_TEST_CASE(the_container_that_was_made_meanwhile_is_rotated) {
  const auto told = agent.reloader.rotate("shop", {});
  BOOST_REQUIRE_MESSAGE(told.has_value(), (told.has_error() ? render(told.error()) : ""));
  BOOST_TEST(looks > 1);
}

BOOST_AUTO_TEST_CASE(one_whose_secrets_are_gone_is_told_so) {
  moves = false;
  const auto told = agent.reloader.rotate("shop", {});
  BOOST_REQUIRE(told.has_error());
  BOOST_TEST((told.error().cls == ErrorClass::not_found));
  BOOST_TEST(told.error().cause == "its secrets are not on tmpfs here");
}

BOOST_AUTO_TEST_CASE(it_is_rolled_back_as_it_is_after_the_wait) {
  const auto told = agent.reloader.rollback("shop", {});
  BOOST_REQUIRE(told.has_error());  // there is no value before
  BOOST_TEST(render(told.error()).find("no earlier value is kept") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
