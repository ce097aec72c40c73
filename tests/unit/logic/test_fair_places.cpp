// Every world of up to four connections: what is promised about the next step holds in each, and the steps come to an end. Then
// the floods themselves.
#include "logic/fair_places.h"

#include <boost/test/unit_test.hpp>
#include <map>
#include <sstream>

namespace dso {
BOOST_AUTO_TEST_SUITE(fair_places)

namespace {

using Doing = Visitor::Doing;
using What = FairStep::What;
using namespace std::chrono_literals;

const Visitor::Time kNow = Visitor::Time{} + 1h;
constexpr int kRoot = 0, kA = 1, kB = 2;

Visitor visitor(int asker, Doing doing, std::chrono::milliseconds age = 1ms) {
  return {asker, asker == kRoot, doing, kNow - age};
}
bool placed(const Visitor& v) {
  return v.doing == Doing::idle || v.doing == Doing::works || v.doing == Doing::writes;
}

struct FairWorld {
  FairLimits limits;
  std::vector<Visitor> visitors;

  std::size_t places(int asker) const {
    return static_cast<std::size_t>(
        std::count_if(visitors.begin(), visitors.end(), [&](const Visitor& v) { return v.asker == asker && placed(v); }));
  }
  std::size_t all(int asker) const {
    return static_cast<std::size_t>(std::count_if(
        visitors.begin(), visitors.end(), [&](const Visitor& v) { return v.asker == asker && v.doing != Doing::leaves; }));
  }
  std::size_t leaving(int asker) const {
    return static_cast<std::size_t>(std::count_if(
        visitors.begin(), visitors.end(), [&](const Visitor& v) { return v.asker == asker && v.doing == Doing::leaves; }));
  }
  std::size_t taken() const { return places(kRoot) + places(kA) + places(kB); }
  std::size_t threads() const { return taken() + leaving(kRoot) + leaving(kA) + leaving(kB); }
  bool in_share(int asker) const { return asker == kRoot || places(asker) + leaving(asker) < limits.share; }
  std::size_t asking(int asker) const {
    return static_cast<std::size_t>(std::count_if(visitors.begin(), visitors.end(),
                                                  [&](const Visitor& v) { return v.asker == asker && v.doing == Doing::asks; }));
  }
  bool asks(int asker) const { return asking(asker) > 0; }
  bool free_for(int asker) const {
    const bool not_kept = asker == kRoot || places(kA) + places(kB) + limits.kept < limits.places;
    return in_share(asker) && not_kept && taken() < limits.places;
  }
  bool threads_left(int asker) const { return asker == kRoot || threads() < 2 * limits.places; }
  std::size_t counts_as(int asker) const { return asker == kRoot ? 0 : places(asker); }
  FairStep step() const { return next_fair_step(limits, visitors, kNow); }

  void take(const FairStep& s) {
    Visitor& v = visitors[s.which];
    if (s.what == What::serve) v = visitor(v.asker, Doing::works);
    if (s.what == What::end && placed(v))
      v.doing = Doing::leaves;
    else if (s.what == What::end)
      visitors.erase(visitors.begin() + static_cast<std::ptrdiff_t>(s.which));
  }
  std::string text() const {
    std::ostringstream out;
    out << limits.places << " places, " << limits.kept << " kept, share " << limits.share << ":";
    for (const Visitor& v : visitors)
      out << " "
          << "RAB"[v.asker] << "siowxl"[static_cast<int>(v.doing)] << (kNow - v.since) / 1ms;
    return out.str();
  }
};

/// The promise that a step breaks; "" for none.
std::string broken_serve(const FairWorld& w, const Visitor& v) {
  if (v.doing != Doing::asks) return "serves who does not ask";
  if (!w.free_for(v.asker)) return "serves over the limits";
  if (!w.threads_left(v.asker)) return "more threads than are bounded";
  for (const int other : {kRoot, kA, kB})
    if (other != v.asker && w.asks(other) && w.free_for(other) && v.asker != kRoot &&
        (other == kRoot || w.places(other) < w.places(v.asker)))
      return "somebody has fewer places, or is root";
  return "";
}

bool of_no_use(const FairWorld& w, const Visitor& v) {
  return (v.doing == Doing::idle || v.doing == Doing::writes) && kNow - v.since >= w.limits.patience;
}

std::string broken_end(const FairWorld& w, const Visitor& v) {
  if (v.doing == Doing::leaves) return "ends who leaves";
  if (v.doing == Doing::silent && kNow - v.since >= w.limits.silence) return "";
  if (!placed(v)) {
    std::size_t there = 0;
    for (const int asker : {kRoot, kA, kB}) there += w.all(asker);
    if (there <= w.limits.visitors) return "ends one that waits, though there is room to wait";
    for (const Visitor& o : w.visitors)
      if (!placed(o) && o.doing != Doing::leaves && !o.root && (v.root || w.all(o.asker) > w.all(v.asker)))
        return "another has more connections";
    return "";
  }
  for (const int asker : {kRoot, kA, kB}) {  // for whom?
    if (!w.asks(asker) || w.free_for(asker)) continue;
    if (asker == v.asker && v.doing == Doing::idle && of_no_use(w, v) &&
        (w.in_share(asker) || w.leaving(asker) < w.asking(asker)))
      return "";
    if (asker == v.asker || v.root || !w.in_share(asker)) continue;
    const std::size_t most = std::max(w.places(kA), w.places(kB));
    if (w.places(v.asker) == most && most >= w.counts_as(asker) + 2) return "";
    if (w.counts_as(asker) == 0 && of_no_use(w, v)) return "";
  }
  return "ends a place that nobody needs more";
}

std::string broken_rest(const FairWorld& w) {
  for (const int asker : {kRoot, kA, kB}) {
    if (!w.asks(asker) || !w.threads_left(asker)) continue;  // somebody leaves first
    if (w.free_for(asker)) return "waits before a free place";
    if (!w.in_share(asker)) continue;
    for (const int other : {kA, kB})
      if (other != asker && w.places(other) >= w.counts_as(asker) + 2) return "waits for somebody who has two more";
  }
  return "";
}

std::string broken(const FairWorld& w, const FairStep& s) {
  if (s.what == What::nothing) return broken_rest(w);
  if (s.which >= w.visitors.size()) return "nobody";
  return s.what == What::serve ? broken_serve(w, w.visitors[s.which]) : broken_end(w, w.visitors[s.which]);
}

void check_world(const FairWorld& start) {
  FairWorld w = start;
  for (int steps = 0; steps <= 12; ++steps) {
    const FairStep s = w.step();
    if (const std::string promise = broken(w, s); !promise.empty())
      BOOST_FAIL(promise + ": " + std::to_string(static_cast<int>(s.what)) + " of " + std::to_string(s.which) + " in " +
                 w.text() + ", from " + start.text());
    if (s.what == What::nothing) return;
    w.take(s);
  }
  BOOST_FAIL("no end: " + start.text());
}

/// All that one connection can be.
std::vector<Visitor> all_kinds() {
  std::vector<Visitor> out;
  for (const int asker : {kRoot, kA, kB}) {
    for (const Doing doing : {Doing::silent, Doing::asks, Doing::idle, Doing::works, Doing::writes, Doing::leaves})
      out.push_back(visitor(asker, doing));
    for (const Doing doing : {Doing::idle, Doing::writes}) out.push_back(visitor(asker, doing, 1s));
  }
  out.push_back(visitor(kA, Doing::silent, 1min));
  return out;
}

void each_world(FairWorld& w, std::size_t size) {
  static const std::vector<Visitor> kinds = all_kinds();
  if (w.visitors.size() == size) return check_world(w);
  for (const Visitor& kind : kinds) {
    w.visitors.push_back(kind);
    each_world(w, size);
    w.visitors.pop_back();
  }
}

FairWorld world(std::size_t places, std::size_t kept, std::size_t share, std::size_t visitors = 1000) {
  FairWorld w;
  w.limits = {places, kept, share, visitors, 100ms, 5s};
  return w;
}

/// Steps until there is nothing to do; how many there were.
int settle(FairWorld& w) {
  for (int n = 0;; ++n) {
    const FairStep s = w.step();
    if (s.what == What::nothing) return n;
    w.take(s);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_world_of_up_to_three) {
  for (const std::size_t places : {1u, 2u, 3u})
    for (const std::size_t kept : {0u, 1u})
      for (const std::size_t share : {1u, 2u, 3u})
        for (const std::size_t visitors : {2u, 1000u})
          for (const std::size_t size : {0u, 1u, 2u, 3u}) {
            FairWorld w = world(places, kept, share, visitors);
            each_world(w, size);
          }
}

BOOST_AUTO_TEST_CASE(every_world_of_four) {
  FairWorld plain = world(2, 0, 2, 3), kept = world(3, 1, 2);
  each_world(plain, 4);
  each_world(kept, 4);
}

BOOST_AUTO_TEST_CASE(one_asker_has_its_share_and_another_is_served_at_once) {
  for (const Doing doing : {Doing::idle, Doing::works, Doing::writes}) {
    FairWorld w = world(256, 0, 64, 2304);
    for (int i = 0; i < 64; ++i) w.visitors.push_back(visitor(kA, doing));
    for (int i = 0; i < 1236; ++i) w.visitors.push_back(visitor(kA, Doing::asks));
    w.visitors.push_back(visitor(kB, Doing::asks));
    BOOST_TEST(settle(w) == 1);
    BOOST_TEST(w.places(kA) == 64u);
    BOOST_TEST(w.places(kB) == 1u);
  }
}

BOOST_AUTO_TEST_CASE(many_askers_share_evenly_and_the_greediest_makes_room) {
  FairWorld w = world(256, 0, 64, 10'000);
  for (int asker = 1; asker <= 4; ++asker)
    for (int i = 0; i < 64; ++i) w.visitors.push_back(visitor(asker, Doing::works));
  for (int asker = 5; asker <= 10; ++asker)
    for (int i = 0; i < 100; ++i) w.visitors.push_back(visitor(asker, Doing::asks));
  for (int round = 0; round < 100; ++round) {
    settle(w);
    std::erase_if(w.visitors, [](const Visitor& v) { return v.doing == Doing::leaves; });
  }
  for (int asker = 1; asker <= 10; ++asker) BOOST_TEST((w.places(asker) == 25u || w.places(asker) == 26u));
}

BOOST_AUTO_TEST_CASE(places_are_kept_for_root_and_it_never_leaves_for_another) {
  FairWorld w = world(64, 8, 64);
  for (int i = 0; i < 100; ++i) w.visitors.push_back(visitor(kA, Doing::asks));
  settle(w);
  BOOST_TEST(w.places(kA) == 56u);
  for (int i = 0; i < 8; ++i) w.visitors.push_back(visitor(kRoot, Doing::asks));
  settle(w);
  BOOST_TEST(w.places(kRoot) == 8u);
  BOOST_TEST(w.places(kA) == 56u);  // nobody had to leave
  for (int i = 0; i < 20; ++i) w.visitors.push_back(visitor(kRoot, Doing::asks));
  settle(w);
  BOOST_TEST(w.places(kRoot) == 28u);
  w.visitors.push_back(visitor(kB, Doing::asks));
  settle(w);
  BOOST_TEST(w.places(kB) == 1u);
  BOOST_TEST(w.places(kRoot) == 28u);
}

BOOST_AUTO_TEST_CASE(whose_place_goes_first) {
  const auto ended = [](std::vector<Visitor> of_a) {
    FairWorld w = world(4, 0, 4);
    w.visitors = std::move(of_a);
    w.visitors.push_back(visitor(kB, Doing::asks));
    const FairStep s = w.step();
    return s.what == What::end ? static_cast<int>(s.which) : -1;
  };
  const auto works = visitor(kA, Doing::works, 1h), writes = visitor(kA, Doing::writes, 2ms);
  BOOST_TEST(ended({works, writes, visitor(kA, Doing::idle, 2s), visitor(kA, Doing::idle, 3s)}) == 3);  // the oldest idle one
  BOOST_TEST(ended({works, writes, visitor(kA, Doing::idle, 2ms), works}) == 1);  // one that was idle for a moment only is not
  BOOST_TEST(ended({visitor(kA, Doing::works, 2ms), works, works, works}) == 1);
  BOOST_TEST(ended({visitor(kA, Doing::idle, 1ms), visitor(kA, Doing::idle, 2ms), visitor(kA, Doing::idle, 3ms),
                    visitor(kA, Doing::idle, 4ms)}) == 3);
}

BOOST_AUTO_TEST_CASE(nobody_makes_threads_by_coming_and_going) {
  FairWorld w = world(16, 0, 4);
  for (int round = 0; round < 50; ++round) {
    w.visitors.push_back(visitor(kA, Doing::asks));
    settle(w);
    for (Visitor& v : w.visitors)
      if (placed(v)) v.doing = Doing::leaves;  // it hangs up, and what it asked for goes on
  }
  BOOST_TEST(w.threads() == 4u);
  w.visitors.push_back(visitor(kB, Doing::asks));
  settle(w);
  BOOST_TEST(w.places(kB) == 1u);
}

BOOST_AUTO_TEST_CASE(too_many_that_wait) {
  FairWorld w = world(2, 0, 2, 5);
  w.visitors = {visitor(kB, Doing::silent), visitor(kA, Doing::works), visitor(kA, Doing::works),
                visitor(kA, Doing::asks),   visitor(kA, Doing::asks),  visitor(kB, Doing::silent)};
  BOOST_TEST(w.step().which == 4u);  // the newest of who has the most
  w.visitors[4].doing = w.visitors[5].doing = Doing::silent;
  BOOST_TEST(w.step().which == 4u);  // what says nothing goes before what asks
  w.visitors[0].asker = kA;
  BOOST_TEST(w.step().which == 0u);  // the oldest of those: a newcomer may say something yet
}

BOOST_AUTO_TEST_CASE(says_when_to_look_again) {
  FairWorld w = world(1, 0, 1);
  w.visitors = {visitor(kA, Doing::idle, 30ms), visitor(kA, Doing::asks)};
  BOOST_REQUIRE(w.step().look_again);
  BOOST_TEST((*w.step().look_again == kNow + 70ms));
  w.visitors = {visitor(kA, Doing::silent, 30ms)};
  BOOST_REQUIRE(w.step().look_again);
  BOOST_TEST((*w.step().look_again == kNow + 4970ms));
  w.visitors = {visitor(kA, Doing::works)};
  BOOST_TEST(!w.step().look_again);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
