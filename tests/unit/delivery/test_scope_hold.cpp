// Holds across processes: what a command has, what its child has when the command is killed, and who removes meanwhile.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "delivery/scope_hold.h"
#include "delivery/store_fixture.h"

namespace {

using namespace dso;

struct HoldFixture : test::StoreFixture {
  bool claimable() {
    auto claim = claim_unheld(store, "a");
    BOOST_REQUIRE(claim.has_value());
    return claim->has_value();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(scope_hold, HoldFixture)

BOOST_AUTO_TEST_CASE(several_hold_and_nobody_claims) {
  BOOST_TEST(claimable());
  auto one = hold_scope(store, "a");
  auto another = hold_scope(store, "a");
  BOOST_REQUIRE((one.has_value() && another.has_value()));
  BOOST_TEST(!claimable());
  one->reset();
  BOOST_TEST(!claimable());
  another->reset();
  BOOST_TEST(claimable());
}

// The command is killed, what it started goes on: the hold is that child's.
BOOST_AUTO_TEST_CASE(it_ends_with_the_last_process_that_has_it) {
  auto held = hold_scope(store, "a");
  BOOST_REQUIRE(held.has_value());
  const pid_t child = fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    pause();
    _exit(0);
  }
  held->reset();
  BOOST_TEST(!claimable());
  kill(child, SIGKILL);
  BOOST_REQUIRE(waitpid(child, nullptr, 0) == child);
  BOOST_TEST(claimable());
}

// Between the claim and the removal nobody gets a hold that the removal takes away: who comes waits, and holds the next file.
BOOST_AUTO_TEST_CASE(who_comes_during_a_removal_holds_what_comes_after_it) {
  write("a", "d", {{"/run/secrets/a", "1"}});
  auto claim = claim_unheld(store, "a");
  BOOST_REQUIRE((claim.has_value() && claim->has_value()));
  Result<UniqueFd> held = Error{};
  std::thread comes([&] { held = hold_scope(store, "a"); });
  BOOST_REQUIRE(store.remove("a").has_value());
  claim->reset();
  comes.join();
  BOOST_REQUIRE(held.has_value());
  BOOST_TEST(!claimable());
}

BOOST_AUTO_TEST_CASE(it_goes_with_the_scope) {
  write("a", "d", {{"/run/secrets/a", "1"}});
  BOOST_REQUIRE(hold_scope(store, "a").has_value());
  BOOST_TEST(std::filesystem::exists(hold_path(store.paths(), "a")));
  BOOST_REQUIRE(store.remove("a").has_value());
  BOOST_TEST(!std::filesystem::exists(hold_path(store.paths(), "a")));
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_scopes_is_refused) {
  BOOST_TEST(hold_scope(store, "../x").has_error());
  BOOST_TEST(claim_unheld(store, ".x").has_error());
}

BOOST_AUTO_TEST_SUITE_END()
