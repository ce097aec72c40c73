// One after the other, since a later one may depend on an earlier one.
#include "agent/restart_dependents.h"

#include "agent/deadlines.h"
#include "base/clock.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "logic/dependents.h"
#include "logic/plan_rotation.h"
#include "rotation/observe.h"
#include "rotation/wait_good.h"

namespace dso {
namespace {

Result<void> restart_one(const Engine& engine, const Container& c, std::chrono::milliseconds health_check_timeout,
                         const std::stop_token& stop) {
  DSO_CHECK(restart_container(engine, c));
  crash_point("reload: a dependent is restarted");
  return wait_good(engine, c, kStabilization, Deadline::in(health_check_timeout), stop);
}

}  // namespace

Result<void> restart_container(const Engine& engine, const Container& c) {
  const std::chrono::seconds grace(c.stop_timeout_s);
  if (has_process(c)) {  // it was looked at before: whom it stands on may have gone meanwhile
    DSO_TRY(const std::string missing, find_missing_host(engine, c, Deadline::in(kPatientEngineDeadline), {}));
    if (!missing.empty()) return make_error(ErrorClass::invalid_request, "Cannot restart '" + c.name + "'", missing);
  }
  return engine.restart(c.id, grace, Deadline::in(grace + kPatientEngineDeadline), {});
}

std::vector<Dependent> dependents_to_restart(ContainerTies& ties, const Container& c, std::stop_token stop) {
  const auto found = ties.dependents_of(c, Deadline::in(kPatientEngineDeadline), stop);
  if (found.has_value()) return to_restart(*found);
  if (!stop.stop_requested())
    log::error("Reloader",
               "It is not known who depends on '" + c.name + "' and is to be restarted after it: " + render(found.error()));
  return {};
}

void restart_dependents(const Engine& engine, const std::vector<Dependent>& dependents, const std::string& container_id,
                        std::chrono::milliseconds health_check_timeout, std::stop_token stop) {
  if (dependents.empty()) return;
  const auto before = engine.inspect(container_id, Deadline::in(kPatientEngineDeadline), stop);
  const std::int64_t since_ms = before.has_value() ? before->started_at_ms : unix_ms();  // it went, or nobody says: all are
  for (const Dependent& d : dependents) {
    if (stop.stop_requested()) return;
    const auto c = engine.inspect(d.id, Deadline::in(kPatientEngineDeadline), stop);
    if (c.has_error() && c.error().cls == ErrorClass::not_found) continue;
    if (c.has_value() && c->started_at_ms > since_ms && c->state == "running") continue;
    log::info("Reloader", "Restarting '" + d.name + "' too: " + tie_text(d));
    const auto done = c.has_error() ? Result<void>(c.error()) : restart_one(engine, *c, health_check_timeout, stop);
    if (done.has_error() && done.error().cls == ErrorClass::not_found) continue;  // it went meanwhile
    if (done.has_error() && !stop.stop_requested())
      log::error("Reloader", "'" + d.name + "' is not well after its restart: " + render(done.error()) + " " + tie_text(d) +
                                 ". See what it said: dso logs --container " + d.name);
  }
}

}  // namespace dso
