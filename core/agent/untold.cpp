// By the marks first, which cost nothing; the engine is asked only about those without.
#include "agent/untold.h"

#include <algorithm>
#include <set>

#include "agent/deadlines.h"
#include "agent/reload_target.h"
#include "agent/volume_users.h"
#include "base/log.h"
#include "delivery/mend.h"
#include "logic/mounted_scopes.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

struct Users {
  std::vector<Container> found;
  bool all = true;  ///< False: the engine cannot tell of one.
};

Result<Users> users_of(const InventoryEntry& entry, const Engine& engine, const TmpfsStore& store, const Deadline& deadline,
                       const std::stop_token& stop) {
  Users out;
  if (is_volume_scope(entry.state->scope.id)) {
    auto found = scope_users(engine, store, entry.state->scope, stop);
    out.all = found.has_value();
    if (found.has_error() && !engine.passes_over(found.error())) return found.error();
    if (found.has_value()) out.found = std::move(*found);
    return out;
  }
  for (const auto& c : entry.containers) {
    if (!has_process(*c) || is_marked_told(*entry.state, c->id)) continue;  // the next start of one reads what is there
    auto whole = engine.look_at(c->id, deadline, stop);
    if (whole.has_error() && engine.passes_over(whole.error())) {
      out.all = out.all && whole.error().cls == ErrorClass::not_found;
      continue;
    }
    if (whole.has_error()) return whole.error();
    out.found.push_back(std::move(*whole));
  }
  return out;
}

bool was_cut_off(const ScopeState& state) {
  return state.delivered.empty() && !state.scope.items.empty();
}

bool is_whole(const ScopeState& state) {
  return state.restarting.empty() && !was_cut_off(state);
}

}  // namespace

/// What is known is kept: the same objects are the same state of the same containers. Of a volume the list names no user: what
/// lies in it alone.
bool Untold::is_known(const InventoryEntry& entry) {
  const std::lock_guard lock(mutex_);
  const auto it = known_.find(entry.state->scope.id);
  if (it == known_.end()) return false;
  InventoryEntry& known = it->second;
  if (known.state == entry.state && known.containers == entry.containers) return true;
  const auto same = [](const auto& a, const auto& b) { return a->id == b->id && a->state == b->state; };
  if (content_of(known.state->delivered) != content_of(entry.state->delivered) ||
      !std::equal(known.containers.begin(), known.containers.end(), entry.containers.begin(), entry.containers.end(), same))
    return false;
  known = entry;
  return true;
}

void Untold::know(const InventoryEntry& entry) {
  const std::lock_guard lock(mutex_);
  known_[entry.state->scope.id] = entry;
}

void Untold::keep_only(const std::vector<InventoryEntry>& inventory) {
  std::set<std::string> there;
  for (const InventoryEntry& entry : inventory) there.insert(there.end(), entry.state->scope.id);  // they come in order
  const std::lock_guard lock(mutex_);
  std::erase_if(known_, [&](const auto& known) { return !there.contains(known.first); });
}

bool Untold::mended(const ScopeState& state) {
  const std::string found = delivery::mend(store_, state.scope.id);
  if (found.empty()) return false;
  log::warn("Agent", "The folder of '" + state.scope.service + "' was changed by hand (" + store_.paths().secrets_dir() + "/" +
                         state.scope.id + ": " + found + "): it is as it was delivered again. Change secrets in their store");
  return true;
}

Result<void> Untold::look(const std::vector<InventoryEntry>& inventory, std::stop_token stop) {
  mount_.look(stop);  // what was lost is there again by the next poll
  keep_only(inventory);
  for (const InventoryEntry& found : inventory) {
    const std::string& id = found.state->scope.id;
    if (reloader_.is_busy_with(id)) continue;  // the next poll sees what came of it
    if (is_whole(*found.state) && is_known(found)) continue;
    // Many are looked at, one after the other: this one may have been told since the inventory was taken.
    const auto now = store_.shared_state(id);
    if (now.has_error()) continue;  // gone
    const InventoryEntry entry{*now, found.containers};
    const ScopeState& state = *entry.state;
    if (!state.restarting.empty()) {
      reloader_.request_now(id);
      continue;
    }
    if (was_cut_off(state)) {
      if (mended(state)) continue;
      // A delivery was cut off between two switches: nobody knows what lies there, and no poll asks for it.
      log::info("Agent", "The last delivery to '" + state.scope.service + "' was interrupted, going on with that");
      reloader_.request(id);
      continue;
    }
    DSO_TRY(const Users users, users_of(entry, engine_, store_, Deadline::in(kEngineDeadline), stop));
    bool all_told = users.all;
    for (const Container& c : users.found) {
      if (!has_process(c) || stale_secrets(state, c).empty()) continue;
      all_told = false;
      if (is_paused(c)) continue;  // told when it runs again
      log::info("Agent", "'" + c.name + "' has not been told of its newest secret yet, going on with that");
      reloader_.request(id);
      break;
    }
    if (all_told) know(entry);
  }
  return {};
}

Result<void> Untold::look_anew(std::stop_token stop) {
  DSO_TRY(const auto inventory, take_inventory(engine_, store_, Deadline::in(kPatientEngineDeadline), stop));
  return look(inventory, std::move(stop));
}

void Untold::runs_again(const std::string& container_id, std::stop_token stop) {
  const auto c = engine_.inspect(container_id, Deadline::in(kEngineDeadline), std::move(stop));
  if (c.has_error()) return;  // the next poll finds it
  if (c->opted_in())
    for (const std::string& scope : mounted_scopes(*c, store_.paths().secrets_dir())) reloader_.request(scope);
  for (const ScopeState& volume : volumes_of_container(store_, *c)) reloader_.request(volume.scope.id);
}

}  // namespace dso
