// What the reloader remembers of failures, and when it forgets them.
#include "agent/reloader.h"

#include <boost/test/unit_test.hpp>

#include "agent/deliver.h"
#include "delivery/store_fixture.h"
#include "fake_engine.h"
#include "logic/parse_config.h"
#include "vault/local_store.h"

namespace dso {
namespace {

struct Host : test::StoreFixture {
  test::FakeEngine fake{[](const std::string&) { return test::FakeEngine::refusal("500 Internal Server Error", "no"); }};
  Engine engine = Engine::at(fake.socket());
  Sources sources{default_config(), paths()};
  RedirectTable redirects{root.paths().state_dir};
  AskedEnds asked_ends;
  ContainerTies ties{engine};

  Paths paths() const {
    Paths p;
    p.store_dir = root.path + "/store";
    return p;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reloader_, Host)

BOOST_AUTO_TEST_CASE(a_scope_that_is_gone_does_not_fail_for_ever) {
  BOOST_REQUIRE(LocalStore::init(paths().store(), std::nullopt).has_value());
  BOOST_REQUIRE(LocalStore::set(paths().store(), std::nullopt, "db", "password", SecretBytes::copy_of("x")).has_value());
  Scope scope;
  scope.id = scope.service = "run-1";
  scope.items.push_back({{"default", "db"}, {}, {}});
  BOOST_REQUIRE(deliver_scope(scope, sources, store, Deadline::in(std::chrono::seconds(60)), {}).has_value());
  Reloader reloader(sources, store, engine, redirects, asked_ends, ties, 1);
  reloader.request("run-1");
  reloader.wait_idle();
  BOOST_TEST(reloader.state().failing.size() == 1u);
  BOOST_REQUIRE(store.remove("run-1").has_value());
  reloader.request("run-1");
  reloader.wait_idle();
  BOOST_TEST(reloader.state().failing.empty());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
