// The loop, and what becomes of a step that fails.
#include "rotation/run_rotation.h"

#include "base/log.h"
#include "base/pause.h"
#include "logic/rotation_step.h"
#include "rotation/steps.h"

namespace dso {
namespace {

constexpr int kMaxSteps = 200;
/// The same step may fail so often because the world moved, or the engine was away for a moment.
constexpr int kTries = 4;
constexpr std::chrono::seconds kLook{15};
constexpr std::chrono::minutes kEngineAway{3};
constexpr std::chrono::milliseconds kPause{250};
constexpr int kLogLines = 20;

/// Failing at these means that the new container will not do (or has no place); failing at the others means to try again.
bool is_about_the_new_container(StepKind k) {
  switch (k) {
    case StepKind::create_candidate:
    case StepKind::start_candidate:
    case StepKind::wait_candidate:
    case StepKind::alias_candidate:
    case StepKind::redirect_on:
    case StepKind::set_aside:
    case StepKind::create_service:
    case StepKind::start_service:
    case StepKind::wait_service:
    case StepKind::alias_service: return true;
    default: return false;
  }
}

/// Somebody relies on the candidate already: to go on is the shortest way to a good end.
bool handing_over(const RotationView& v) {
  return (v.candidate && v.candidate->state == MemberState::healthy && v.candidate->aliased) || v.redirected || v.old ||
         (v.service && v.service->wanted);
}

class Rotation {
 public:
  Rotation(const RotationTools& tools, const RotationSubject& subject, std::stop_token stop)
      : tools_(tools), subject_(subject), stop_(std::move(stop)) {}

  RotationResult run() {
    for (int i = 0; i < kMaxSteps; ++i) {
      auto seen = look();
      if (seen.has_error()) return ended(RotationResult::Outcome::interrupted, seen.error());
      if (stop_.stop_requested() && !memory_.back && !handing_over(seen->view)) {
        memory_.back = true;
        stopping_ = true;
        seen->view.back = true;
      }
      const RotationStep step = next_rotation_step(seen->view);
      log::debug("Reloader", "'" + subject_.service + "': " + std::string(step_name(step.kind)) + " (" + step.reason + ")");
      if (step.kind == StepKind::done) return finished(RotationResult::Outcome::rotated, *seen);
      if (step.kind == StepKind::failed) return finished(kept_or_gone(*seen), *seen, step.reason);
      auto done = do_step(tools_, subject_, *seen, step.kind, memory_, token(*seen));
      if (done.has_value()) {
        tries_ = 0;
        continue;
      }
      if (!goes_on(done.error(), step.kind, *seen)) return finished(RotationResult::Outcome::kept, *seen);
    }
    return ended(RotationResult::Outcome::kept,
                 make_error(ErrorClass::internal, "The rotation did not come to an end", "too many steps"));
  }

 private:
  /// A stop request cuts a wait short only while nobody relies on the candidate.
  std::stop_token token(const ObservedRotation& seen) const {
    return handing_over(seen.view) || memory_.back ? std::stop_token{} : stop_;
  }

  Result<ObservedRotation> look() {
    const Deadline patience = Deadline::in(kEngineAway);
    while (true) {
      auto seen = observe_rotation(tools_, subject_, memory_, Deadline::in(kLook), {});
      // Not found: somebody removed a container between two questions of this one look.
      const bool again =
          seen.has_error() && (seen.error().cls == ErrorClass::engine_unreachable || seen.error().cls == ErrorClass::not_found);
      if (!again || patience.passed() || stop_.stop_requested()) return seen;
      pause();
    }
  }

  void pause() { pause_for(kPause, stop_); }

  /// After a failed step: false where nothing more can be done.
  bool goes_on(const Error& error, StepKind kind, const ObservedRotation& seen) {
    if (error.cls == ErrorClass::interrupted || error.cls == ErrorClass::engine_unreachable) {
      pause();
      return true;  // looked at again, with the engine's patience
    }
    const bool verdict = error.cls == ErrorClass::unhealthy || error.cls == ErrorClass::engine_error;
    if (is_about_the_new_container(kind) && (verdict || ++tries_ >= kTries)) {
      keep_logs(kind, seen);
      if (!memory_.cause) memory_.cause = error;
      if (memory_.back) memory_.stuck = true;
      memory_.back = true;
      tries_ = 0;
      return true;
    }
    if (!is_about_the_new_container(kind) && ++tries_ >= kTries) {
      if (!memory_.cause) memory_.cause = error;
      return false;
    }
    pause();
    return true;
  }

  void keep_logs(StepKind kind, const ObservedRotation& seen) {
    const auto& c = kind == StepKind::wait_service || kind == StepKind::start_service ? seen.service : seen.candidate;
    if (!c || !logs_.empty() || memory_.back) return;  // on the way back it is the old container, with values of before
    if (auto tail = tools_.engine.logs_tail(c->id, kLogLines, Deadline::in(kLook)); tail.has_value()) logs_ = std::move(*tail);
  }

  RotationResult::Outcome kept_or_gone(const ObservedRotation& seen) const {
    return seen.service || seen.old || seen.candidate ? RotationResult::Outcome::kept : RotationResult::Outcome::gone;
  }

  RotationResult finished(RotationResult::Outcome outcome, const ObservedRotation& seen, const std::string& reason = {}) {
    RotationResult r = ended(outcome, memory_.cause);
    if (seen.service) r.service_id = seen.service->id;
    if (stopping_ && outcome != RotationResult::Outcome::rotated) r.outcome = RotationResult::Outcome::interrupted;
    if (outcome == RotationResult::Outcome::kept && !r.error)
      r.error = make_error(ErrorClass::unhealthy, "Failed to rotate '" + subject_.service + "'", reason);
    return r;
  }
  RotationResult ended(RotationResult::Outcome outcome, std::optional<Error> error) {
    RotationResult r;
    r.outcome = outcome;
    r.error = std::move(error);
    r.failed_logs = std::move(logs_);
    return r;
  }

  const RotationTools& tools_;
  const RotationSubject& subject_;
  std::stop_token stop_;
  RotationMemory memory_;
  SecretBuffer logs_;
  int tries_ = 0;
  bool stopping_ = false;
};

}  // namespace

RotationResult run_rotation(const RotationTools& tools, const RotationSubject& subject, std::stop_token s) {
  return Rotation(tools, subject, std::move(s)).run();
}

}  // namespace dso
