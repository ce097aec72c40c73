// The subject of a rotation from the labels of what it made; then the rotation's own loop, which only ends what was begun.
#include "agent/recover.h"

#include <algorithm>
#include <map>
#include <set>

#include "agent/deadlines.h"
#include "agent/monitor.h"
#include "agent/notes_key.h"
#include "agent/roll_scope.h"
#include "base/abandoned_files.h"
#include "base/log.h"
#include "delivery/env_shim.h"
#include "logic/mounted_scopes.h"
#include "logic/rotation_flow.h"
#include "logic/rotation_names.h"
#include "rotation/run_rotation.h"

namespace dso {
namespace {

/// The containers made by rotations that have not ended: those not under their service's name, and those whose predecessor is
/// still set aside.
Result<std::vector<Container>> unfinished(const Engine& engine, const Deadline& d, std::stop_token s) {
  DSO_TRY(auto made, engine.list({{"label", {label::kRole}}}, d, s));
  std::vector<Container> out;
  std::set<std::string> services;
  for (const Container& c : made) {
    const std::string service = c.label_or(label::kService);
    if (service.empty() || c.name == service) continue;
    if (c.name == candidate_name(service) && services.insert(service).second) out.push_back(c);
  }
  for (const Container& c : made) {
    const std::string service = c.label_or(label::kService);
    if (service.empty() || services.contains(service)) continue;
    auto old = engine.inspect(old_name(service), d, s);
    if (old.has_error() && engine.passes_over(old.error())) continue;
    if (old.has_error()) return old.error();
    if (old->id == c.label_or(label::kReplaces) && services.insert(service).second) out.push_back(c);
  }
  return out;
}

/// `from`: a container that the rotation made, whole.
RotationSubject subject_of(const ReloadTools& tools, const Container& from) {
  RotationSubject s;
  s.service = from.label_or(label::kService);
  s.replaces = from.label_or(label::kReplaces);
  s.secrets_dir = tools.store.paths().secrets_dir();
  s.wanted_scope = mounted_scope(from, s.secrets_dir);
  s.rotation_id = from.label_or(label::kRotationId);
  s.generation = generation_of(from, 2);
  s.resumed = true;
  const Config& config = tools.sources.config();
  s.health_check_timeout = config.agent.health_check_timeout;
  s.drain_timeout = config.agent.drain_timeout;
  // Only a relay has a stand-in, or a container set aside beside one that has the service's name already.
  if (from.label_or(label::kRole) == "stand-in" || from.name == s.service)
    s.flow = Flow::relay;
  else
    s.flow = choose_flow(from).flow == Flow::exclusive ? Flow::exclusive : Flow::swap;
  if (auto state = tools.store.read(s.wanted_scope); state.has_value()) s.last_scope = state->previous_scope;
  const std::string folder = s.secrets_dir + "/" + s.wanted_scope + "/";
  for (const ContainerMount& m : from.mounts)
    if (m.source.starts_with(folder) || m.destination == kShimInContainer) s.mounts.push_back({m.source, m.destination});
  return s;
}

void tell(const RotationSubject& s, const RotationResult& r) {
  if (r.outcome == RotationResult::Outcome::rotated)
    log::info("Reloader", "'" + s.service + "' runs with the new secret: the interrupted rolling update is finished");
  else if (r.outcome == RotationResult::Outcome::kept)
    log::info("Reloader", "'" + s.service + "' runs with the last good secret: the interrupted rolling update is undone");
}

}  // namespace

Result<void> recover_rotations(const ReloadTools& tools, std::stop_token stop) {
  for (const char* notes : {"/scopes", "/redirects"}) remove_abandoned(tools.store.paths().state_dir + notes);
  const Deadline deadline = Deadline::in(kPatientEngineDeadline);
  DSO_CHECK(trust_notes(tools.engine, tools.store.paths(), deadline, stop));
  DSO_TRY(const auto left, unfinished(tools.engine, deadline, stop));
  for (const Container& c : left) {
    if (stop.stop_requested()) return {};
    auto whole = tools.engine.inspect(c.id, Deadline::in(kPatientEngineDeadline), stop);
    if (whole.has_error() && tools.engine.passes_over(whole.error())) continue;
    if (whole.has_error()) return whole.error();
    // Another agent on this host, with a run dir of its own, sees to its own rotations.
    if (mounted_scope(*whole, tools.store.paths().secrets_dir()).empty()) continue;
    const RotationSubject subject = subject_of(tools, *whole);
    log::warn("Reloader", "A rolling update of '" + subject.service + "' was interrupted; ending it");
    const RotationResult ended = run_rotation({tools.engine, tools.redirects}, subject, stop);
    tell(subject, ended);
    if (ended.outcome == RotationResult::Outcome::rotated)
      monitor_container(tools, subject.wanted_scope, ended.service_id, ToldBy::its_start);
  }
  drop_generations(tools, {});
  // Rules whose rotation has no container left.
  if (!tools.redirects.unavailable().empty()) return {};
  const auto redirects = tools.redirects.list();
  if (redirects.empty()) return {};
  DSO_TRY(const auto made, tools.engine.list({{"label", {label::kRole}}}, deadline, stop));
  for (const std::string& id : redirects) {
    const auto owner =
        std::find_if(made.begin(), made.end(), [&](const Container& c) { return c.label_or(label::kRotationId) == id; });
    if (owner != made.end() && owner->name != owner->label_or(label::kService)) continue;  // its rotation could not be ended
    DSO_CHECK(tools.redirects.remove(id, deadline));
    log::info("Reloader", "Removed a redirect that an interrupted rolling update had left");
  }
  return {};
}

}  // namespace dso
