// The reconciler's own parts, up to the point where it would act.
#include "agent/preview.h"

#include <algorithm>

#include "agent/deadlines.h"
#include "agent/deliver.h"
#include "agent/inventory.h"
#include "agent/look_before_replacing.h"
#include "agent/reload_target.h"
#include "agent/rollback.h"
#include "base/clock.h"
#include "logic/given_digest.h"

namespace dso {
namespace {

Result<ScopePreview> preview(Sources& sources, const TmpfsStore& store, ContainerTies& ties, ScopeState state,
                             std::stop_token stop) {
  const Engine& engine = ties.engine();
  ScopePreview out;
  DSO_TRY(auto users, scope_users(engine, store, state.scope, stop));
  for (const Container& c : users) out.containers.push_back(c.name);
  DSO_TRY(const SecretBytes key, store.digest_key());
  DSO_TRY(const auto origins, rotation_origins(sources.config(), engine, store, state, stop));
  auto fetched = fetch_scope(state.scope, sources, kept_values(store, state.scope.id, origins), key.reveal(), origins,
                             Deadline::in(kFetchDeadline), stop, FetchFor::look);
  const auto plan = fetched.has_error() ? Result<DeliveryPlan>(fetched.error()) : plan_update(state, *fetched, key.reveal());
  if (plan.has_error()) {
    out.error = plan.error();
  } else {
    ScopeState desired = state;
    desired.delivered = fetched->delivered;
    out.changed = mark_changes(state.delivered, desired.delivered);
    out.held_back = was_refused(desired);
    if (!out.held_back) {
      look_at_users(ties, sources.config(), desired, users, stop);
      out.plans = plan_rotation(sources.config(), desired, users, unix_ms());
    }
    for (const DeliveredSecret& now : desired.delivered)
      if (const DeliveredSecret* was = find_delivered(state.delivered, now.secret);
          was && was->digest != now.digest && same_given(*was, now))
        out.unused.push_back(now.secret);
  }
  out.state = std::move(state);
  return out;
}

}  // namespace

Result<std::vector<ScopePreview>> preview_rotations(Sources& sources, const TmpfsStore& store, ContainerTies& ties,
                                                    const std::string& container, std::stop_token stop) {
  const Engine& engine = ties.engine();
  std::string only;
  if (!container.empty()) {
    DSO_TRY(only, scope_of_container(engine, store, container, stop));
  }
  DSO_TRY(auto inventory, take_inventory(engine, store, Deadline::in(kEngineDeadline), stop));
  std::vector<ScopePreview> out;
  for (InventoryEntry& entry : inventory) {
    if (!only.empty() && entry.state->scope.id != only) continue;
    auto one = preview(sources, store, ties, *entry.state, stop);
    if (one.has_value()) {
      out.push_back(std::move(*one));
      continue;
    }
    if (!Engine::is_about_one(one.error())) return one.error();
    out.emplace_back();
    out.back().state = *entry.state;
    out.back().error = one.error();
  }
  std::sort(out.begin(), out.end(),
            [](const ScopePreview& a, const ScopePreview& b) { return a.state.scope.service < b.state.scope.service; });
  return out;
}

}  // namespace dso
