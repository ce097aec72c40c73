// Who was told what outlives the tmpfs: a container that has a value is not told of the same again, one that has not is.
#include "logic/lost_mount.h"

#include <boost/test/unit_test.hpp>

#include "logic/plan_reload.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(lost_mount)

namespace {

const SecretKey kKey{"default", "db"};

ScopeState state(const std::string& digest, std::int64_t delivered_boot_ms) {
  ScopeState s;
  s.scope.id = "web";
  s.delivered = {{kKey, "1", "whole-" + digest, 1, delivered_boot_ms, digest}};
  return s;
}

Container running(const std::string& id, std::int64_t started_boot_ms) {
  Container c;
  c.id = id;
  c.state = "running";
  c.started_boot_ms = started_boot_ms;
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_same_value_is_told_to_nobody_again) {
  ScopeState lost = state("a", 1000), now = state("a", 9000);
  lost.applied["told"][applied_key(kKey)] = "a";
  join_marks(lost, now);
  BOOST_TEST(stale_secrets(now, running("told", 500)).empty());
  BOOST_TEST(stale_secrets(now, running("started after the delivery", 2000)).empty());
  BOOST_TEST(!stale_secrets(now, running("never told", 500)).empty());
}

BOOST_AUTO_TEST_CASE(another_value_is_told_to_all) {
  ScopeState lost = state("a", 1000), now = state("b", 9000);
  lost.applied["told"][applied_key(kKey)] = "a";
  join_marks(lost, now);
  BOOST_TEST(!stale_secrets(now, running("told", 500)).empty());
  BOOST_TEST(!stale_secrets(now, running("started after the delivery", 2000)).empty());
  BOOST_TEST(stale_secrets(now, running("started with it", 9500)).empty());
}

BOOST_AUTO_TEST_CASE(what_is_known_here_counts_more) {
  ScopeState lost = state("a", 1000), now = state("b", 9000);
  lost.applied["c"][applied_key(kKey)] = "a";
  now.applied["c"][applied_key(kKey)] = "b";
  lost.refused = {{"default/db", "bad"}};
  lost.refused_given = {{"default/db", "bad given"}};
  lost.restarting = {{"c", 5}};
  lost.last_rotation = {{"c", "restart"}};
  lost.previous_scope = "web.1";
  join_marks(lost, now);
  BOOST_TEST(stale_secrets(now, running("c", 500)).empty());
  BOOST_TEST(now.refused.at("default/db") == "bad");
  BOOST_TEST(now.refused_given.at("default/db") == "bad given");
  BOOST_TEST(now.restarting.at("c") == 5);
  BOOST_TEST(now.last_rotation.at("c") == "restart");
  BOOST_TEST(now.previous_scope == "web.1");
}

BOOST_AUTO_TEST_SUITE_END()
