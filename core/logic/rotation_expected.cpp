// What each step makes of the view when it works: for plans and for the tests that walk through all states.
#include "logic/rotation_step.h"

namespace dso {
namespace {

void end(std::optional<Member>& m, bool auto_remove) {
  if (!m) return;
  m->state = MemberState::failed;
  m->running = false;
  if (auto_remove) m.reset();
}
void start(std::optional<Member>& m) {
  if (!m) return;
  m->state = MemberState::starting;
  m->running = true;
}
void wait(std::optional<Member>& m, RotationView& v) {
  if (m && m->wanted && m->state == MemberState::failed)
    v.back = true;
  else if (m)
    m->state = MemberState::healthy;
}

}  // namespace

void apply_expected(RotationView& v, StepKind step, bool auto_remove) {
  switch (step) {
    case StepKind::create_candidate:
      v.candidate = Member{};
      v.candidate->wanted = true;
      v.candidate->aliased = v.flow == Flow::exclusive;
      break;
    case StepKind::start_candidate: start(v.candidate); break;
    case StepKind::wait_candidate: wait(v.candidate, v); break;
    case StepKind::alias_candidate:
      if (v.candidate) v.candidate->aliased = true;
      break;
    case StepKind::redirect_on:
      v.redirected = true;
      v.redirect_unsure = false;
      break;
    case StepKind::stop_service: end(v.service, auto_remove); break;
    case StepKind::remove_service: v.service.reset(); break;
    case StepKind::set_aside: std::swap(v.old, v.service); break;
    case StepKind::promote: std::swap(v.service, v.candidate); break;
    case StepKind::create_service:
      v.service = Member{};
      v.service->wanted = !v.back;
      break;
    case StepKind::start_service: start(v.service); break;
    case StepKind::wait_service: wait(v.service, v); break;
    case StepKind::alias_service:
      if (v.service) v.service->aliased = true;
      break;
    case StepKind::redirect_off: v.redirected = false; break;
    case StepKind::stop_candidate: end(v.candidate, false); break;
    case StepKind::remove_candidate: v.candidate.reset(); break;
    case StepKind::bring_back: std::swap(v.service, v.old); break;
    case StepKind::remove_old: v.old.reset(); break;
    case StepKind::done:
    case StepKind::failed: break;
  }
}

std::string_view step_name(StepKind kind) {
  switch (kind) {
    case StepKind::create_candidate: return "create candidate";
    case StepKind::start_candidate: return "start candidate";
    case StepKind::wait_candidate: return "wait until candidate is healthy";
    case StepKind::alias_candidate: return "give candidate the names";
    case StepKind::redirect_on: return "redirect new connections";
    case StepKind::stop_service: return "drain and stop service";
    case StepKind::remove_service: return "remove service";
    case StepKind::set_aside: return "set service aside";
    case StepKind::promote: return "rename candidate to service";
    case StepKind::create_service: return "create final container";
    case StepKind::start_service: return "start service";
    case StepKind::wait_service: return "wait until service is healthy";
    case StepKind::alias_service: return "give service the names";
    case StepKind::redirect_off: return "end redirect";
    case StepKind::stop_candidate: return "stop candidate";
    case StepKind::remove_candidate: return "drain and remove candidate";
    case StepKind::bring_back: return "bring old container back";
    case StepKind::remove_old: return "remove old container";
    case StepKind::done: return "done";
    case StepKind::failed: return "failed";
  }
  return "failed";
}

}  // namespace dso
