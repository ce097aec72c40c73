// With whom a `dso run` in the foreground goes on: the service's end, a detached client, restarts, and each way of rolling.
#include <boost/test/unit_test.hpp>

#include "logic/follow_service.h"

BOOST_AUTO_TEST_SUITE(follow_service)

namespace {

using namespace dso;

Container one(const char* id, const char* state, std::int64_t started, std::int64_t finished = 0, const char* scope = "run-a.2") {
  Container c;
  c.id = id;
  c.state = state;
  c.started_at_ms = started;
  c.finished_at_ms = finished;
  c.labels[label::kScope] = scope;
  return c;
}

/// "end", "wait", or the id of whom it follows.
std::string next(std::vector<Container> containers, std::set<std::string> restarting = {}, const char* followed = "",
                 std::int64_t start = 0) {
  const FollowFacts facts{"run-a", followed, start, std::move(containers), std::move(restarting)};
  const FollowChoice choice = next_to_follow(facts);
  if (choice.step == FollowChoice::Step::attach) return choice.with->id;
  return choice.step == FollowChoice::Step::wait ? "wait" : "end";
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_services_end) {
  BOOST_TEST(next({}) == "end");
  BOOST_TEST(next({one("a", "exited", 1, 2, "run-a")}) == "end");
  BOOST_TEST(next({one("a", "exited", 1, 2, "run-a"), one("b", "exited", 3, 4)}, {}, "b", 3) == "end");
  BOOST_TEST(next({one("a", "dead", 1, 2, "run-a")}) == "end");
}

BOOST_AUTO_TEST_CASE(docker_was_left) {
  BOOST_TEST(next({one("a", "running", 1, 0, "run-a")}) == "end");
  BOOST_TEST(next({one("a", "running", 1, 0, "run-a"), one("b", "running", 5)}) == "end");  // in the middle of an update, too
  BOOST_TEST(next({one("b", "running", 5)}, {}, "b", 5) == "end");
}

BOOST_AUTO_TEST_CASE(a_restart) {
  BOOST_TEST(next({one("a", "exited", 1, 2, "run-a")}, {"a"}) == "wait");
  BOOST_TEST(next({one("a", "running", 3, 2, "run-a")}, {"a"}) == "a");
  BOOST_TEST(next({one("a", "running", 3, 2, "run-a")}) == "a");  // its verdict is out already
  BOOST_TEST(next({one("a", "running", 5, 4, "run-a")}, {}, "a", 3) == "a");
}

BOOST_AUTO_TEST_CASE(the_engines_own_restart_is_as_with_docker_run) {
  Container c = one("a", "running", 3, 2, "run-a");
  c.restart_count = 1;
  BOOST_TEST(next({c}) == "end");
  BOOST_TEST(next({c}, {"a"}) == "a");
  c.state = "restarting";
  BOOST_TEST(next({c}) == "end");
  BOOST_TEST(next({c}, {"a"}) == "wait");
}

BOOST_AUTO_TEST_CASE(a_successor) {
  BOOST_TEST(next({one("b", "running", 5)}) == "b");  // --rm: the first one is gone
  BOOST_TEST(next({one("a", "exited", 1, 6, "run-a"), one("b", "running", 5)}) == "b");
  BOOST_TEST(next({one("a", "exited", 1, 6, "run-a"), one("b", "created", 0)}) == "wait");  // exclusive
  // the stand-in, then the final container
  BOOST_TEST(next({one("s", "running", 5), one("f", "created", 0)}) == "s");
  BOOST_TEST(next({one("s", "exited", 5, 9), one("f", "running", 7)}, {}, "s", 5) == "f");
  BOOST_TEST(next({one("s", "running", 5), one("f", "running", 7)}) == "f");
}

BOOST_AUTO_TEST_CASE(the_old_one_comes_back) {
  BOOST_TEST(next({one("b", "exited", 5, 8), one("a", "running", 9, 4, "run-a")}, {}, "b", 5) == "a");
}

BOOST_AUTO_TEST_SUITE_END()
