// What is slow or fails for one scope delays no other, and nothing happens twice at once to one service: in every order of what
// may happen to three scopes, and by name.
#include "logic/reload_queue.h"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "logic/rotation_names.h"

using namespace dso;
using namespace std::chrono_literals;

namespace {

using Kind = ReloadOutcome::Kind;
using Time = ReloadQueue::Time;

ReloadOutcome outcome(Kind kind, bool replaces = false) {
  ReloadOutcome out;
  out.kind = kind;
  out.fetched = true;
  out.replaces = replaces;
  out.content = "new";
  return out;
}

ReloadOutcome store_fault(ErrorClass cls = ErrorClass::unavailable) {
  ReloadOutcome out;
  out.kind = Kind::failed;
  out.by = FailedBy::store;
  out.cls = cls;
  return out;
}

struct Queue {
  ReloadQueue queue{2};
  Time now{};

  std::string take() {
    const auto pick = queue.take(now);
    return pick ? pick->scope_id : "-";
  }
  /// The next one, ended with `how`.
  ReloadQueue::Change bring(const ReloadOutcome& how) {
    const auto pick = queue.take(now);
    BOOST_REQUIRE(pick.has_value());
    return queue.ended(*pick, how, now);
  }
};

/// All orders of requests, ends and time for scopes of which one is slow, one fails and one has two generations.
class Walk {
 public:
  void run(ReloadQueue queue, std::vector<ReloadQueue::Pick> running, Time now, int steps) {
    check(queue, running);
    if (steps == 0) return;
    for (const char* scope : {"a", "b", "b.2", "c"}) {
      ReloadQueue next = queue;
      next.request(scope, now);
      run(std::move(next), running, now, steps - 1);
    }
    ReloadQueue taken = queue;
    if (const auto pick = taken.take(now)) {
      BOOST_TEST(queue.has_ready(now));
      auto more = running;
      more.push_back(*pick);
      run(std::move(taken), std::move(more), now, steps - 1);
    } else {
      BOOST_TEST(!taken.has_ready(now));
    }
    if (!running.empty()) {
      const ReloadQueue::Pick last = running.back();
      auto fewer = running;
      fewer.pop_back();
      for (const ReloadOutcome& how : {outcome(Kind::done, last.has_place), outcome(Kind::failed), store_fault(),
                                       outcome(Kind::nothing), outcome(last.has_place ? Kind::done : Kind::needs_place)}) {
        ReloadQueue next = queue;
        next.ended(last, how, now);
        run(std::move(next), fewer, now, steps - 1);
      }
    }
    if (steps > 1) run(std::move(queue), running, now + 2min, steps - 2);
  }

 private:
  static void check(const ReloadQueue& queue, const std::vector<ReloadQueue::Pick>& running) {
    std::set<std::string> bases;
    int places = 0;
    for (const ReloadQueue::Pick& pick : running) {
      BOOST_TEST(bases.insert(scope_base(pick.scope_id)).second);
      places += pick.has_place ? 1 : 0;
    }
    BOOST_TEST(places <= queue.places());
    BOOST_TEST((bases == queue.running()));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reload_queue, Queue)

BOOST_AUTO_TEST_CASE(every_order) {
  Walk().run(ReloadQueue(1), {}, Time{} + 1h, 5);
}

BOOST_AUTO_TEST_CASE(replacing_waits_for_a_place_and_nothing_else_does) {
  for (const char* scope : {"a", "b", "c", "d"}) queue.request(scope, now);
  const auto a = queue.take(now), b = queue.take(now), c = queue.take(now), d = queue.take(now);
  BOOST_TEST((a->has_place && b->has_place && !c->has_place && !d->has_place));
  queue.ended(*c, outcome(Kind::needs_place, true), now);  // known by now, and waits
  queue.ended(*d, outcome(Kind::done), now);
  BOOST_TEST(take() == "-");
  queue.request("d", now);
  BOOST_TEST(take() == "d");
  queue.ended(*a, outcome(Kind::done, true), now);
  const auto again = queue.take(now);
  BOOST_TEST((again && again->scope_id == "c" && again->has_place));
}

BOOST_AUTO_TEST_CASE(what_is_only_told_takes_no_place_of_others) {
  queue.request("a", now);
  bring(outcome(Kind::done));
  queue.request("a", now);
  BOOST_TEST(!queue.take(now)->has_place);
}

BOOST_AUTO_TEST_CASE(first_tries_come_before_those_that_failed) {
  queue.request("a", now);
  bring(outcome(Kind::failed));
  queue.request("a", now);
  queue.request("z", now);
  BOOST_TEST(take() == "z");
  BOOST_TEST(take() == "a");
}

BOOST_AUTO_TEST_CASE(a_try_comes_when_it_is_due_without_anybody_asking) {
  queue.request("a", now);
  bring(outcome(Kind::failed));
  BOOST_TEST((queue.next_due() == now + 1min));
  BOOST_TEST(!queue.may_try("a", "new", now + 59s));
  BOOST_TEST(queue.may_try("a", "newer", now));
  BOOST_TEST(take() == "-");
  now += 1min;
  BOOST_TEST(queue.has_ready(now));
  bring(outcome(Kind::failed));
  BOOST_TEST((queue.next_due() == now + 2min));
  now += 2min;
  bring(outcome(Kind::nothing));  // it turned out that there was nothing to try: only a poll asks again
  BOOST_TEST(!queue.next_due().has_value());
  BOOST_TEST(!queue.has_ready(now));
}

BOOST_AUTO_TEST_CASE(a_store_that_is_away_has_one_line_at_each_end) {
  queue.request("a", now);
  BOOST_TEST(bring(store_fault()).store_failed);
  BOOST_TEST(queue.failing().size() == 1u);
  queue.request("a", now + 1s);  // each poll asks
  BOOST_TEST(take() == "-");
  for (const auto wait : {5s, 10s, 20s}) {
    BOOST_TEST((queue.next_due() == now + wait));
    now += wait;
    BOOST_TEST(!bring(store_fault()).store_failed);
  }
  queue.store_is_back();
  BOOST_TEST(bring(outcome(Kind::done)).store_came_back);
  BOOST_TEST(queue.failing().empty());
  BOOST_TEST(queue.idle());
}

BOOST_AUTO_TEST_CASE(another_fault_of_a_store_is_said_and_waits_anew) {
  queue.request("a", now);
  bring(store_fault());
  now += 5s;
  BOOST_TEST(bring(store_fault(ErrorClass::access_denied)).store_failed);
  BOOST_TEST((queue.next_due() == now + 1min));
  now += 1min;
  const auto change = bring(outcome(Kind::failed));  // it can be fetched, and is no good
  BOOST_TEST((change.store_came_back && !change.store_failed));
  BOOST_TEST((queue.next_due() == now + 1min));
}

BOOST_AUTO_TEST_CASE(whatever_is_to_be_ended_does_not_wait_for_a_store) {
  queue.request("a", now);
  bring(store_fault());
  queue.request_now("a");
  BOOST_TEST(take() == "a");
}

BOOST_AUTO_TEST_CASE(an_engine_that_is_back_is_asked_at_once) {
  queue.request("a", now);
  ReloadOutcome fault = outcome(Kind::failed);
  fault.by = FailedBy::engine;
  bring(fault);
  queue.engine_is_back();
  BOOST_TEST(queue.may_try("a", "new", now));
  BOOST_TEST(take() == "a");
}

BOOST_AUTO_TEST_CASE(a_verdict_comes_when_it_is_due_and_beside_no_update_of_the_service) {
  queue.judge_at("a", now + 30s);
  BOOST_TEST((queue.next_due() == now + 30s));
  BOOST_TEST(take() == "-");
  queue.request("a.2", now);
  const auto update = queue.take(now);
  now += 30s;
  BOOST_TEST(!queue.has_ready(now));
  BOOST_TEST(!queue.next_due().has_value());
  queue.ended(*update, outcome(Kind::done), now);
  const auto verdict = queue.take(now);
  BOOST_TEST((verdict && verdict->scope_id == "a" && verdict->judge && !verdict->has_place));
  queue.ended(*verdict, {}, now);
  BOOST_TEST(take() == "-");
}

BOOST_AUTO_TEST_CASE(recovery_is_alone) {
  queue.request("a", now);
  const auto a = queue.take(now);
  queue.recover();
  queue.request("b", now);
  BOOST_TEST(!queue.has_ready(now));
  queue.ended(*a, outcome(Kind::done), now);
  const auto recovery = queue.take(now);
  BOOST_TEST((recovery && recovery->recovery));
  BOOST_TEST(!queue.at_rest("b"));
  BOOST_TEST(take() == "-");
  queue.ended(*recovery, {}, now);
  BOOST_TEST(take() == "b");
}

BOOST_AUTO_TEST_CASE(generations_of_one_scope_are_one_service) {
  queue.request("a", now);
  queue.request("a.2", now);
  const auto first = queue.take(now);
  BOOST_TEST(take() == "-");
  BOOST_TEST(!queue.at_rest("a.2"));
  queue.ended(*first, outcome(Kind::done), now);
  BOOST_TEST(take() == "a.2");
}

BOOST_AUTO_TEST_CASE(what_is_gone_fails_no_more) {
  queue.request("a", now);
  bring(outcome(Kind::failed));
  queue.request("a", now);
  bring(outcome(Kind::gone));
  BOOST_TEST(queue.failing().empty());
}

BOOST_AUTO_TEST_SUITE_END()
