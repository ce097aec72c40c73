// Every situation of up to three containers: no live process sees a value before its turn, and nothing stays delivered without
// somebody to tell it.
#include "logic/scope_step.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

namespace {

constexpr std::int64_t kNow = 1'000'000;

/// What a container does, whether it has what the stores have, and how it would be told.
struct Member {
  const char* state;
  bool has_it;
  Strategy how;
  bool possible = true;
  std::int64_t ended_ms = 0;
};

const std::vector<Member>& members() {
  static const std::vector<Member> all = [] {
    std::vector<Member> out;
    for (const char* state : {"running", "paused"})
      for (const Strategy how : {Strategy::none, Strategy::signal, Strategy::restart, Strategy::rolling}) {
        out.push_back({state, true, how});
        out.push_back({state, false, how});
        out.push_back({state, false, how, false});
      }
    out.push_back({"restarting", false, Strategy::restart});
    out.push_back({"exited", true, Strategy::none, true, kNow - 1});
    out.push_back({"exited", true, Strategy::none, true, kNow - kComesBackMs});
    out.push_back({"exited", true, Strategy::none, true, kNow + 5000});  // somebody set the clock
    out.push_back({"created", true, Strategy::none});
    return out;
  }();
  return all;
}

struct Scene {
  std::vector<ContainerPlan> in_place, rolling, later;
  std::vector<Container> users;

  void add(const Member& m) {
    Container c;
    c.id = std::to_string(users.size());
    c.state = m.state;
    c.finished_at_ms = m.ended_ms;
    users.push_back(c);
    if (m.has_it) return;
    ContainerPlan plan{c, {{"default", "db"}}, {}, {}};
    plan.choice.type = m.how;
    if (!m.possible) plan.choice.refusal = "no";
    plan.waits = c.state == "paused";
    (plan.waits ? later : m.how == Strategy::rolling ? rolling : in_place).push_back(plan);
  }
};

template <class List>
bool has(const List& list, auto is) {
  return std::any_of(list.begin(), list.end(), is);
}

void check(const Scene& scene, bool volume, bool changed, bool asked) {
  const ScopeStep step = next_scope_step({volume, changed, asked, scene.in_place, scene.rolling, scene.later, scene.users, kNow});
  const auto impossible = [](const ContainerPlan& p) { return !p.choice.refusal.empty(); };
  const auto rolls = [](const ContainerPlan& p) { return p.choice.type == Strategy::rolling; };
  const bool somebody = !scene.in_place.empty() || !scene.rolling.empty();
  if (has(scene.in_place, impossible) || has(scene.rolling, impossible)) BOOST_TEST((step == ScopeStep::refuse));
  if (step == ScopeStep::refuse) BOOST_TEST((has(scene.in_place, impossible) || has(scene.rolling, impossible)));
  if (step == ScopeStep::roll) BOOST_TEST(!scene.rolling.empty());
  // who would be replaced for a new value keeps the old files under its feet
  if (step == ScopeStep::update && changed) BOOST_TEST(!(scene.in_place.empty() && has(scene.later, rolls)));
  if (step == ScopeStep::nothing) BOOST_TEST((!changed && !somebody));
  if (somebody) BOOST_TEST((step == ScopeStep::refuse || step == ScopeStep::roll || step == ScopeStep::update));
  if (step == ScopeStep::nobody) BOOST_TEST((scene.users.empty() && !volume));
  // without a process the files are written, a moment after the last one ended
  const bool comes_back =
      has(scene.users, [](const Container& c) { return c.state == "exited" && c.finished_at_ms > kNow - kComesBackMs; });
  if (!scene.users.empty() && !has(scene.users, has_process) && !somebody && changed)
    BOOST_TEST(((step == ScopeStep::update) == (!comes_back || asked)));
}

void walk(const Scene& scene, int more) {
  for (const bool volume : {false, true})
    for (const bool changed : {false, true})
      for (const bool asked : {false, true}) check(scene, volume, changed, asked);
  if (more == 0) return;
  for (const Member& m : members()) {
    Scene next = scene;
    next.add(m);
    walk(next, more - 1);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scope_step)

BOOST_AUTO_TEST_CASE(every_situation) {
  walk({}, 3);
}

BOOST_AUTO_TEST_CASE(paused_ones_wait_for_their_turn) {
  Scene scene;
  scene.add({"paused", false, Strategy::rolling});
  BOOST_TEST((next_scope_step({false, true, false, {}, {}, scene.later, scene.users, kNow}) == ScopeStep::wait));
  Scene in_place;
  in_place.add({"paused", false, Strategy::restart});
  BOOST_TEST((next_scope_step({false, true, false, {}, {}, in_place.later, in_place.users, kNow}) == ScopeStep::update));
}

BOOST_AUTO_TEST_SUITE_END()
