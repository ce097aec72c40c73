// Every state that a rotation can reach, with every step failing, the agent dying, containers dying or being removed at every
// point: what serves is never taken away, and everything that is left alone ends in one container under the service's name.
#include <boost/test/unit_test.hpp>
#include <deque>
#include <set>
#include <sstream>

#include "logic/rotation_step.h"

using namespace dso;

namespace {

std::string text(const std::optional<Member>& m) {
  if (!m) return "-";
  std::ostringstream out;
  out << static_cast<int>(m->state) << (m->running ? 'r' : '.') << (m->wanted ? 'w' : '.') << (m->aliased ? 'a' : '.');
  return out.str();
}
std::string text(const RotationView& v) {
  std::ostringstream out;
  out << "flow " << static_cast<int>(v.flow) << " service " << text(v.service) << " candidate " << text(v.candidate) << " old "
      << text(v.old) << (v.redirected ? " redirected" : "") << (v.redirect_unsure ? " unsure" : "") << (v.back ? " back" : "")
      << (v.resumed ? " resumed" : "") << (v.can_redirect ? "" : " no-redirect") << (v.stuck ? " stuck" : "");
  return out.str();
}

RotationView beginning(Flow flow, bool can_redirect = true) {
  RotationView v;
  v.flow = flow;
  v.can_redirect = can_redirect;
  v.service = Member{"old", MemberState::healthy, true, false, true};
  return v;
}

bool ends(StepKind k) {
  return k == StepKind::done || k == StepKind::failed;
}

/// How many containers answer requests.
int serving(const RotationView& v) {
  int n = 0;
  for (const auto* m : {&v.service, &v.candidate})
    if (*m && (*m)->state == MemberState::healthy) ++n;
  return n;
}

/// What may come of a step besides its success; each is a state that the next step must cope with.
std::vector<RotationView> outcomes(const RotationView& v, StepKind step, bool auto_remove) {
  std::vector<RotationView> out;
  RotationView worked = v;
  apply_expected(worked, step, auto_remove);
  out.push_back(worked);
  if (step == StepKind::wait_candidate || step == StepKind::wait_service) {
    const auto& waited = step == StepKind::wait_candidate ? v.candidate : v.service;
    if (waited->wanted && waited->state == MemberState::failed) return out;  // nothing else can come of it
    RotationView late = v;
    auto& m = step == StepKind::wait_candidate ? late.candidate : late.service;
    m->state = MemberState::failed;
    if (v.back || !m->wanted) late.stuck = true;
    late.back = true;
    out.push_back(late);
    RotationView ended = late;
    auto& e = step == StepKind::wait_candidate ? ended.candidate : ended.service;
    e->running = false;
    out.push_back(ended);
  }
  if (step == StepKind::start_service || step == StepKind::create_service || step == StepKind::start_candidate) {
    RotationView failed = v;  // the engine refuses it: the executor goes back, or gives up if it is going back
    if (v.back) failed.stuck = true;
    failed.back = true;
    out.push_back(failed);
  }
  return out;
}

/// What others do to the containers meanwhile.
std::vector<RotationView> disturbances(const RotationView& v) {
  std::vector<RotationView> out;
  const auto dies = [](Member& m) {
    m.state = MemberState::failed;
    m.running = false;
  };
  RotationView next = v;
  if (v.candidate && v.candidate->running) {
    dies(*next.candidate);
    out.push_back(next);
    next = v;
  }
  if (v.candidate) {
    next.candidate.reset();
    out.push_back(next);
    next = v;
  }
  if (v.service && v.service->running) {
    dies(*next.service);
    out.push_back(next);
    next = v;
  }
  if (v.old) {
    next.old.reset();
    out.push_back(next);
    next = v;
  }
  // the agent is killed and started again
  next.resumed = true;
  next.back = false;
  next.stuck = false;
  next.redirect_unsure = next.redirected;
  for (auto* m : {&next.service, &next.candidate})
    if (*m && (*m)->state == MemberState::failed && (*m)->running) (*m)->state = MemberState::starting;
  out.push_back(next);
  return out;
}

/// Follows the steps, all of which work from here on.
RotationView left_alone(RotationView v, bool auto_remove) {
  for (int i = 0; i < 60; ++i) {
    const RotationStep step = next_rotation_step(v);
    if (ends(step.kind)) return v;
    apply_expected(v, step.kind, auto_remove);
  }
  BOOST_FAIL("goes round in circles: " + text(v));
  return v;
}

struct Course {
  Flow flow;
  bool can_redirect, auto_remove;
  bool disturbed;
};

void walk(const Course& w) {
  std::set<std::string> seen;
  std::deque<RotationView> todo{beginning(w.flow, w.can_redirect)};
  while (!todo.empty()) {
    const RotationView v = todo.front();
    todo.pop_front();
    if (!seen.insert(text(v)).second) continue;
    BOOST_REQUIRE_LT(seen.size(), 200000u);
    const RotationStep step = next_rotation_step(v);
    if (step.kind == StepKind::stop_service && w.flow != Flow::exclusive && w.can_redirect)
      BOOST_CHECK_MESSAGE(v.redirected && !v.redirect_unsure, "its last requests have nowhere to go: " << text(v));
    const auto& removed = step.kind == StepKind::remove_candidate ? v.candidate : v.service;
    if (step.kind == StepKind::remove_candidate || step.kind == StepKind::remove_service)
      BOOST_CHECK_MESSAGE(v.back || v.resumed || !removed->wanted || removed->state != MemberState::failed,
                          "what failed would be made again with the same value: " << text(v));
    const auto later = ends(step.kind) ? std::vector<RotationView>{} : outcomes(v, step.kind, w.auto_remove);
    for (const RotationView& next : later) {
      const bool by_design = w.flow == Flow::exclusive && step.kind == StepKind::stop_service;
      if (serving(v) > 0 && !by_design && step.kind != StepKind::set_aside)
        BOOST_CHECK_MESSAGE(serving(next) > 0, "'" << step_name(step.kind) << "' takes the last one that serves: " << text(v));
      todo.push_back(next);
    }
    if (w.disturbed)
      for (const RotationView& next : disturbances(v)) todo.push_back(next);

    // From here on nothing disturbs it: one container, or none where others removed all.
    RotationView rest = left_alone(v, w.auto_remove);
    if (rest.stuck) continue;  // something serves, and the operator is told
    const bool had_any = v.service || v.candidate || v.old;
    BOOST_CHECK_MESSAGE(!had_any || rest.service, "ends without a service: " << text(v) << " -> " << text(rest));
    BOOST_CHECK_MESSAGE(!rest.candidate, "leaves a candidate: " << text(v) << " -> " << text(rest));
    BOOST_CHECK_MESSAGE(!rest.redirected, "leaves a redirect: " << text(v) << " -> " << text(rest));
    BOOST_CHECK_MESSAGE(!rest.old || (rest.service && rest.service->state == MemberState::failed),
                        "leaves the old one: " << text(v) << " -> " << text(rest));
    // Recovery of what has ended changes nothing.
    RotationView again = rest;
    again.resumed = true;
    again.back = false;
    BOOST_CHECK_MESSAGE(ends(next_rotation_step(again).kind), "recovery does not rest: " << text(again));
  }
  BOOST_TEST_MESSAGE(seen.size() << " states");
}

std::vector<StepKind> kinds(const std::vector<RotationStep>& steps) {
  std::vector<StepKind> out;
  for (const auto& s : steps) out.push_back(s.kind);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_reachable_state_ends_well) {
  for (Flow flow : {Flow::swap, Flow::relay, Flow::exclusive})
    for (bool auto_remove : {false, true})
      for (bool can_redirect : {true, false})
        if (can_redirect || flow == Flow::swap) walk({flow, can_redirect, auto_remove, false});
}

BOOST_AUTO_TEST_CASE(whatever_others_do_meanwhile) {
  for (Flow flow : {Flow::swap, Flow::relay, Flow::exclusive})
    for (bool auto_remove : {false, true}) walk({flow, true, auto_remove, true});
}

BOOST_AUTO_TEST_CASE(a_swap_has_these_steps) {
  const std::vector<StepKind> expected = {StepKind::create_candidate, StepKind::start_candidate,
                                          StepKind::wait_candidate,   StepKind::alias_candidate,
                                          StepKind::redirect_on,      StepKind::stop_service,
                                          StepKind::remove_service,   StepKind::promote,
                                          StepKind::redirect_off,     StepKind::done};
  BOOST_TEST((kinds(expected_steps(beginning(Flow::swap))) == expected));
}

BOOST_AUTO_TEST_CASE(a_relay_has_these_steps) {
  const std::vector<StepKind> expected = {StepKind::create_candidate, StepKind::start_candidate, StepKind::wait_candidate,
                                          StepKind::alias_candidate,  StepKind::redirect_on,     StepKind::stop_service,
                                          StepKind::set_aside,        StepKind::create_service,  StepKind::start_service,
                                          StepKind::wait_service,     StepKind::alias_service,   StepKind::redirect_off,
                                          StepKind::remove_candidate, StepKind::remove_old,      StepKind::done};
  BOOST_TEST((kinds(expected_steps(beginning(Flow::relay))) == expected));
}

BOOST_AUTO_TEST_CASE(an_exclusive_service_stops_first) {
  const std::vector<StepKind> expected = {StepKind::create_candidate,
                                          StepKind::stop_service,
                                          StepKind::start_candidate,
                                          StepKind::wait_candidate,
                                          StepKind::remove_service,
                                          StepKind::promote,
                                          StepKind::done};
  BOOST_TEST((kinds(expected_steps(beginning(Flow::exclusive))) == expected));
}

// The table of the design: what the engine shows after a crash, and what recovery does.
BOOST_AUTO_TEST_CASE(recovery_follows_the_table) {
  const auto resumed = [](RotationView v) {
    v.resumed = true;
    return v;
  };
  RotationView v = beginning(Flow::swap);
  v.candidate = Member{"new", MemberState::starting, true, true, false};
  BOOST_TEST((next_rotation_step(resumed(v)).kind == StepKind::remove_candidate));  // the service runs: drop it, rotate again

  v.candidate->state = MemberState::healthy;
  v.candidate->aliased = true;
  v.service->running = false;
  v.service->state = MemberState::failed;
  BOOST_TEST((next_rotation_step(resumed(v)).kind == StepKind::remove_service));  // stopped, candidate healthy: forward

  v.candidate->state = MemberState::failed;
  v.candidate->running = false;
  BOOST_TEST((next_rotation_step(resumed(v)).kind == StepKind::start_service));  // stopped, candidate dead: the old one

  RotationView aside = beginning(Flow::relay);
  aside.old = aside.service;
  aside.old->running = false;
  aside.old->state = MemberState::failed;
  aside.service.reset();
  aside.candidate = Member{"new", MemberState::healthy, true, true, true};
  BOOST_TEST((next_rotation_step(resumed(aside)).kind == StepKind::create_service));  // forward if healthy
  aside.candidate->state = MemberState::failed;
  BOOST_TEST((next_rotation_step(resumed(aside)).kind == StepKind::bring_back));  // else rename back and start
}
