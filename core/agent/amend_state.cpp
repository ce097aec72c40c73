// Lock, read, change, save.
#include "agent/amend_state.h"

#include "base/log.h"
#include "logic/plan_reload.h"

namespace dso {

Result<void> amend_state(TmpfsStore& store, const std::string& scope_id, const std::function<void(ScopeState&)>& change) {
  DSO_TRY(const UniqueFd lock, store.lock(scope_id));
  DSO_TRY(ScopeState state, store.read(scope_id));
  change(state);
  return store.save_state(state);
}

void record_state(TmpfsStore& store, const std::string& scope_id, const std::function<void(ScopeState&)>& change) {
  const auto done = amend_state(store, scope_id, change);
  if (done.has_error() && done.error().cls != ErrorClass::not_found)
    log::warn("Reloader", "Cannot record the state of '" + scope_id + "': " + render(done.error()));
}

void mark_told(ScopeState& state, const std::string& container_id, const ScopeState& told, const std::string& how) {
  auto& marks = state.applied[container_id];
  for (const DeliveredSecret& d : told.delivered) marks[applied_key(d.secret)] = given_digest(d);
  state.last_rotation[container_id] = how;
  state.restarting.erase(container_id);
}

}  // namespace dso
