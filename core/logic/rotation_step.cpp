// One rule after the other; each names a reason. tests/unit/logic/test_rotation_step.cpp walks through every reachable state.
#include "logic/rotation_step.h"

namespace dso {
namespace {

bool is_healthy(const std::optional<Member>& m) {
  return m && m->state == MemberState::healthy;
}

/// A new container that ended where nobody waited for it: a wait finds out why, and that there is no second try with this value.
/// (Without that, a program that ends soon after its start would be made again and again.)
std::optional<RotationStep> ended_unseen(const RotationView& v) {
  if (v.back || v.resumed) return {};
  const auto is = [](const std::optional<Member>& m) { return m && m->wanted && m->state == MemberState::failed; };
  if (is(v.candidate)) return RotationStep{StepKind::wait_candidate, "it ended already"};
  if (is(v.service) && (v.candidate || v.old)) return RotationStep{StepKind::wait_service, "it ended already"};
  return {};
}

/// The service has the wanted scope: it is the final container, or the candidate that took the name.
RotationStep finish(const RotationView& v) {
  const Member& s = *v.service;
  const bool somebody_else = v.old || is_healthy(v.candidate);
  if (s.state != MemberState::healthy && v.back && somebody_else) return {StepKind::remove_service, "the new secret failed here"};
  if (s.state == MemberState::created) return {StepKind::start_service, "the final container is made"};
  if (s.state == MemberState::starting) return {StepKind::wait_service, "it must be healthy before anything is taken away"};
  if (s.state == MemberState::failed) {
    if (somebody_else) return {StepKind::remove_service, "the final container did not get healthy"};
    if (v.redirected) return {StepKind::redirect_off, "there is no candidate that serves"};
    if (v.candidate) return {StepKind::remove_candidate, "it does not serve"};
    return {StepKind::failed, "the container with the new secret ended, and there is none to go back to"};
  }
  if (!s.aliased) return {StepKind::alias_service, "the healthy container takes the service's names in its networks"};
  if (v.redirected) return {StepKind::redirect_off, "the final container serves"};
  if (v.candidate) return {StepKind::remove_candidate, "nothing new reaches it any more"};
  if (v.old) return {StepKind::remove_old, "its successor is healthy"};
  return {StepKind::done, "it runs with the wanted secret, healthy"};
}

/// The candidate will not do: the service as it was, and nothing else, is what must remain.
RotationStep give_up_candidate(const RotationView& v, std::string reason) {
  const Member& s = *v.service;
  const bool relied_on = v.redirected || (v.candidate->state == MemberState::healthy && v.candidate->aliased);
  if (v.stuck) return {StepKind::failed, relied_on ? "the candidate goes on serving" : "the old container did not start"};
  if (v.flow == Flow::exclusive && v.candidate->running && s.state != MemberState::healthy)
    return {StepKind::stop_candidate, std::move(reason)};
  if (!s.running) return {StepKind::start_service, "the container with the last good secret serves again"};
  if (s.state != MemberState::healthy && relied_on)
    return {StepKind::wait_service, "the last good secret must serve before the candidate goes"};
  if (v.redirected) return {StepKind::redirect_off, "the candidate will not do"};
  return {StepKind::remove_candidate, std::move(reason)};
}

/// The candidate is healthy and the service still has an old value.
RotationStep hand_over(const RotationView& v) {
  const bool running = v.service->running;
  if (!v.candidate->aliased) return {StepKind::alias_candidate, "healthy: it takes the service's names in its networks"};
  const bool in_force = v.redirected && !v.redirect_unsure;
  if (running && !in_force && v.can_redirect && v.flow != Flow::exclusive)
    return {StepKind::redirect_on, "new connections go to the healthy candidate"};
  if (running) return {StepKind::stop_service, "its requests end, new ones go to the candidate"};
  if (v.flow == Flow::relay) return {StepKind::set_aside, "its ports are free; it stays until its successor is healthy"};
  return {StepKind::remove_service, "the candidate serves"};
}

/// Service and candidate, the service with an old value.
RotationStep with_candidate(const RotationView& v) {
  const Member& s = *v.service;
  const Member& c = *v.candidate;
  if (v.back) return give_up_candidate(v, "the new secret failed here");
  if (!c.wanted) return give_up_candidate(v, "it was made for another value");
  if (c.state == MemberState::failed) return give_up_candidate(v, "it did not get healthy");
  if (c.state == MemberState::healthy) return hand_over(v);
  // Nobody knows what it was waited for, and its service runs: from the beginning, then.
  if (v.resumed && s.running) return give_up_candidate(v, "left behind by an interrupted rotation");
  if (c.state == MemberState::starting) return {StepKind::wait_candidate, "it must be healthy before anything is taken away"};
  if (v.flow == Flow::exclusive && s.running) return {StepKind::stop_service, "never two at once (exclusive)"};
  return {StepKind::start_candidate, "it is made"};
}

/// The service's name is free.
RotationStep without_service(const RotationView& v) {
  if (!v.candidate && v.old) return {StepKind::bring_back, "nothing else serves"};
  if (!v.candidate)
    return v.redirected ? RotationStep{StepKind::redirect_off, "nothing is there"}
                        : RotationStep{StepKind::failed, "the container is gone"};
  const Member& c = *v.candidate;
  if (v.flow != Flow::relay) return {StepKind::promote, "it takes the service's name"};
  if (v.old && (v.back || c.state != MemberState::healthy)) return {StepKind::bring_back, "the last good secret serves again"};
  return {StepKind::create_service, v.back ? "again with the last good secret" : "the final container, with the service's ports"};
}

/// Only the service, with an old value.
RotationStep alone(const RotationView& v) {
  const Member& s = *v.service;
  if (v.redirected) return {StepKind::redirect_off, "there is no candidate"};
  if (v.old) {  // somebody made the service anew while its predecessor was set aside
    if (s.state == MemberState::healthy) return {StepKind::remove_old, "its successor is healthy"};
    if (s.state == MemberState::starting) return {StepKind::wait_service, "it must be healthy before its predecessor goes"};
    return {StepKind::failed, "the service is not healthy, and its predecessor is still set aside"};
  }
  if (v.back || v.resumed) return {StepKind::failed, "the last good secret stays"};
  if (!s.running) return {StepKind::failed, "it does not run"};
  return {StepKind::create_candidate, "the container runs with an old value"};
}

}  // namespace

RotationStep next_rotation_step(const RotationView& v) {
  if (auto unseen = ended_unseen(v)) return *unseen;
  if (!v.service) return without_service(v);
  if (v.service->wanted) return finish(v);
  return v.candidate ? with_candidate(v) : alone(v);
}

std::vector<RotationStep> expected_steps(RotationView view) {
  std::vector<RotationStep> out;
  for (int i = 0; i < 40; ++i) {
    out.push_back(next_rotation_step(view));
    if (out.back().kind == StepKind::done || out.back().kind == StepKind::failed) break;
    apply_expected(view, out.back().kind);
  }
  return out;
}

}  // namespace dso
