// One function a step, each with its own deadline.
#include "rotation/steps.h"

#include <algorithm>

#include "base/log.h"
#include "base/pause.h"
#include "docker/connections.h"
#include "logic/rotation_names.h"
#include "rotation/free_name.h"
#include "rotation/make_container.h"
#include "rotation/take_names.h"
#include "rotation/wait_good.h"

namespace dso {
namespace {

constexpr std::chrono::milliseconds kProxyLag{300};
constexpr std::chrono::seconds kProxyPatience{5};  // on a host that is out of breath
/// What another client takes between the stop and the removal of a container.
constexpr std::chrono::seconds kBetweenStopAndRemoval{1};
constexpr std::chrono::seconds kEngine{30}, kRules{10}, kNamesProbe{15};

struct Stage {
  const RotationTools& tools;
  const RotationSubject& subject;
  const ObservedRotation& seen;
  RotationMemory& memory;
  std::stop_token stop;
  Deadline deadline = Deadline::in(kEngine);
};

Result<void> wait_for(const Stage& g, const Container& c) {
  const Deadline late = Deadline::in(g.subject.health_check_timeout);
  auto waited = wait_good(g.tools.engine, c, kStabilization, late, g.stop);
  if (waited.has_value()) {
    g.memory.verdicts[c.id] = MemberState::healthy;
    log::info("Reloader", "'" + c.name + "' is healthy");
  } else if (waited.error().cls == ErrorClass::unhealthy) {
    g.memory.verdicts[c.id] = MemberState::failed;
  }
  return waited;
}

Result<void> stop_container(const Stage& g, const Container& c) {
  const std::chrono::seconds grace(c.stop_timeout_s);
  return g.tools.engine.stop(c.id, grace, Deadline::in(grace + kEngine), g.stop);
}

Result<void> give_name(const Stage& g, const std::string& id, const std::string& name) {
  return once_name_is_free(g.tools.engine, name, g.stop, [&] { return g.tools.engine.rename(id, name, g.deadline, g.stop); });
}

/// What it is answering may end first; nothing new reaches it.
Result<void> drain(const Stage& g, const Container& c) {
  auto quiet = wait_drained(c, Deadline::in(g.subject.drain_timeout), g.stop);
  if (quiet.has_error()) return quiet.error().cls == ErrorClass::interrupted ? Result<void>(quiet.error()) : Result<void>();
  if (!*quiet) log::debug("Reloader", "'" + c.name + "' still has connections after the drain timeout");
  return {};
}

/// A client of 127.0.0.1 may have come to the engine's proxy just before the redirect, and the proxy has not brought it on yet:
/// nothing shows in the container's own connections.
void let_the_proxy_catch_up(const Stage& g) {
  pause_for(std::min(kProxyLag, g.subject.drain_timeout), g.stop);
  wait_brought_on(proxied_ports(*g.seen.service), Deadline::in(kProxyPatience), g.stop);
}

Result<void> stop_service(const Stage& g) {
  if (!g.seen.view.redirected) return stop_container(g, *g.seen.service);
  if (!g.seen.service->published.empty()) let_the_proxy_catch_up(g);
  DSO_CHECK(drain(g, *g.seen.service));
  DSO_CHECK(stop_container(g, *g.seen.service));
  // From now on the engine may give its address to anybody.
  DSO_TRY(const bool still,
          redirect_ports_only(g.tools, g.subject, *g.seen.service, *g.seen.candidate, Deadline::in(kRules), g.stop));
  g.memory.redirected = still;
  return {};
}

Result<void> redirect_off(const Stage& g) {
  const bool clients_of_a_stand_in = g.subject.flow == Flow::relay && g.seen.candidate && g.seen.view.candidate->running;
  auto done = clients_of_a_stand_in ? g.tools.redirects.withdraw(g.subject.rotation_id, Deadline::in(kRules))
                                    : g.tools.redirects.remove(g.subject.rotation_id, Deadline::in(kRules));
  if (done.has_value()) g.memory.redirected = false;
  return done;
}

/// What a withdrawn redirect has left: its guard, its note.
Result<void> end_redirect(const Stage& g) {
  const auto noted = g.tools.redirects.list();
  if (std::find(noted.begin(), noted.end(), g.subject.rotation_id) == noted.end()) return {};
  return g.tools.redirects.remove(g.subject.rotation_id, Deadline::in(kRules));
}

/// `compose up` stops and removes a candidate that it finds, then starts whatever the engine lists: a container that two clients
/// remove at once is listed still when the first of them is told that it is gone, and Compose fails over it. So one that has
/// ended is left for a moment to whoever may have stopped it.
bool somebody_removes(const Stage& g, const Container& c) {
  const Member& seen = *g.seen.view.candidate;
  if (seen.running || seen.state != MemberState::failed) return false;
  const auto gone = g.tools.engine.wait_removed(c.id, Deadline::in(kBetweenStopAndRemoval), g.stop);
  return gone.has_value() && *gone;
}

Result<void> remove_candidate(const Stage& g) {
  const Container& c = *g.seen.candidate;
  const bool served = g.seen.view.candidate->running && g.seen.view.candidate->state == MemberState::healthy;
  if (served) DSO_CHECK(drain(g, c));
  if (served && g.seen.view.candidate->aliased) DSO_CHECK(stop_container(g, c));
  // Not before it has closed its connections: those of 127.0.0.1 clients that are kept open would hang, neither served nor ended.
  DSO_CHECK(end_redirect(g));
  if (somebody_removes(g, c)) return {};
  return g.tools.engine.remove(c.id, true, g.deadline, g.stop);
}

}  // namespace

Result<void> do_step(const RotationTools& tools, const RotationSubject& subject, const ObservedRotation& seen, StepKind step,
                     RotationMemory& memory, std::stop_token stop) {
  const Stage g{tools, subject, seen, memory, stop};
  const Engine& engine = tools.engine;
  switch (step) {
    case StepKind::create_candidate: {
      DSO_CHECK(create_candidate(tools, subject, *seen.service, g.deadline, stop));
      return {};
    }
    case StepKind::start_candidate:
      log::info("Reloader", "Starting the candidate '" + candidate_name(subject.service) + "' with the new secret");
      return engine.start(seen.candidate->id, g.deadline, stop);
    case StepKind::wait_candidate: return wait_for(g, *seen.candidate);
    case StepKind::alias_candidate: {
      const Container& from = seen.service ? *seen.service : *seen.candidate;
      return take_names(tools, from, *seen.candidate, Deadline::in(kEngine + kNamesProbe), stop);
    }
    case StepKind::redirect_on: {
      memory.redirected.reset();  // half done after an error: looked up then
      auto put = redirect_on(tools, subject, *seen.service, *seen.candidate, Deadline::in(kRules), stop);
      if (put.has_value()) {
        memory.redirected = memory.redirect_seen = true;
        if (*put) log::info("Reloader", "New connections to '" + subject.service + "' go to the candidate");
      }
      return put.has_error() ? Result<void>(put.error()) : Result<void>();
    }
    case StepKind::stop_service: return stop_service(g);
    case StepKind::remove_service: return engine.remove(seen.service->id, false, g.deadline, stop);
    case StepKind::set_aside: return give_name(g, seen.service->id, old_name(subject.service));
    case StepKind::promote: return give_name(g, seen.candidate->id, subject.service);
    case StepKind::create_service: {
      DSO_CHECK(create_service(tools, subject, seen, seen.view.back, g.deadline, stop));
      return {};
    }
    case StepKind::start_service: return engine.start(seen.service->id, g.deadline, stop);
    case StepKind::wait_service: return wait_for(g, *seen.service);
    case StepKind::alias_service: {
      const Container& from = seen.old ? *seen.old : *seen.candidate;
      return take_names(tools, from, *seen.service, Deadline::in(kEngine + kNamesProbe), stop);
    }
    case StepKind::redirect_off: return redirect_off(g);
    case StepKind::stop_candidate: return stop_container(g, *seen.candidate);
    case StepKind::remove_candidate: return remove_candidate(g);
    case StepKind::bring_back: return give_name(g, seen.old->id, subject.service);
    case StepKind::remove_old: return engine.remove(seen.old->id, false, g.deadline, stop);
    case StepKind::done:
    case StepKind::failed: return {};
  }
  return {};
}

}  // namespace dso
