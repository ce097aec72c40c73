// The engine's containers and this host's redirects to a RotationView.
#include "rotation/observe.h"

#include <algorithm>

#include "base/clock.h"
#include "logic/clone_spec.h"
#include "logic/mounted_scopes.h"
#include "logic/rotation_names.h"

namespace dso {
namespace {

Result<std::optional<Container>> find(const Engine& engine, const std::string& name, const Deadline& d, std::stop_token s) {
  auto found = engine.inspect(name, d, s);
  if (found.has_value() && found->state == "removing") return std::optional<Container>{};
  // The engine takes an id's beginning for a name.
  if (found.has_value() && found->name != name) return std::optional<Container>{};
  if (found.has_value()) return std::optional(std::move(*found));
  if (found.error().cls == ErrorClass::not_found) return std::optional<Container>{};
  return found.error();
}

MemberState state_of(const Container& c, const RotationMemory& memory) {
  if (c.state == "created") return MemberState::created;
  if (c.state != "running" && c.state != "paused") return MemberState::failed;
  if (c.health == "healthy") return MemberState::healthy;
  const auto verdict = memory.verdicts.find(c.id);
  if (c.health == "unhealthy" || (verdict != memory.verdicts.end() && verdict->second == MemberState::failed))
    return MemberState::failed;
  if (verdict != memory.verdicts.end()) return verdict->second;
  const bool long_enough = c.health.empty() && unix_ms() - c.started_at_ms >= kStabilization.count();
  return long_enough ? MemberState::healthy : MemberState::starting;
}

Member member_of(const Container& c, const RotationSubject& subject, const RotationMemory& memory) {
  Member m;
  m.id = c.id;
  m.state = state_of(c, memory);
  m.running = c.state == "running" || c.state == "paused";
  m.wanted = mounts_scope(c, subject.secrets_dir, subject.wanted_scope);
  return m;
}

bool made_for(const Container& c, const std::string& service) {
  return !c.label_or(label::kRole).empty() && c.label_or(label::kService) == service;
}

}  // namespace

Result<bool> has_names(const RotationTools& tools, const std::string& predecessor, const std::string& successor,
                       const Deadline& d, std::stop_token s) {
  DSO_TRY(const InspectedContainer from, tools.engine.inspect_whole(predecessor, d, s));
  DSO_TRY(const InspectedContainer to, tools.engine.inspect_whole(successor, d, s));
  DSO_TRY(const auto steps, alias_steps({from.container, view(from.text)}, {to.container, view(to.text)}));
  return steps.empty();
}

Result<ObservedRotation> observe_rotation(const RotationTools& tools, const RotationSubject& subject, RotationMemory& memory,
                                          const Deadline& d, std::stop_token s) {
  ObservedRotation out;
  DSO_TRY(out.service, find(tools.engine, subject.service, d, s));
  DSO_TRY(out.candidate, find(tools.engine, candidate_name(subject.service), d, s));
  DSO_TRY(out.old, find(tools.engine, old_name(subject.service), d, s));
  if (out.candidate && !made_for(*out.candidate, subject.service)) out.candidate.reset();
  if (out.old) {
    const auto set_aside_for = [&](const std::optional<Container>& c) {
      return c && c->label_or(label::kReplaces) == out.old->id;
    };
    if (out.old->id != subject.replaces && !set_aside_for(out.candidate) && !set_aside_for(out.service)) out.old.reset();
  }

  RotationView& v = out.view;
  v.flow = subject.flow;
  v.back = memory.back;
  v.stuck = memory.stuck;
  v.resumed = subject.resumed;
  v.can_redirect = tools.redirects.unavailable().empty();
  if (out.service) v.service = member_of(*out.service, subject, memory);
  if (out.candidate) v.candidate = member_of(*out.candidate, subject, memory);
  if (out.old) v.old = member_of(*out.old, subject, memory);

  const Container* before = out.old ? &*out.old : out.service && v.service && !v.service->wanted ? &*out.service : nullptr;
  if (v.candidate && v.candidate->state == MemberState::healthy) {
    DSO_TRY(v.candidate->aliased, has_names(tools, before ? before->id : out.candidate->id, out.candidate->id, d, s));
  }
  if (v.service) {
    const Container* whose = out.old ? &*out.old : out.candidate ? &*out.candidate : nullptr;
    v.service->aliased = true;
    if (v.service->wanted && v.service->state == MemberState::healthy && whose) {
      DSO_TRY(v.service->aliased, has_names(tools, whose->id, out.service->id, d, s));
    }
  }
  if (!memory.redirected && v.can_redirect) {
    const auto redirects = tools.redirects.list();
    memory.redirected = std::find(redirects.begin(), redirects.end(), subject.rotation_id) != redirects.end();
  }
  v.redirected = memory.redirected.value_or(false);
  v.redirect_unsure = v.redirected && !memory.redirect_seen;
  return out;
}

}  // namespace dso
