// Joins the engine's list with the scopes by what the containers mount.
#include "agent/inventory.h"

#include <map>
#include <set>

#include "logic/mounted_scopes.h"
#include "logic/volume_options.h"

namespace dso {

namespace {

/// `containers`: by id.
std::vector<InventoryEntry> join(const OptedInList::Containers& containers, const TmpfsStore& store) {
  const std::string secrets_dir = store.paths().secrets_dir();
  std::map<std::string, OptedInList::Containers> by_scope;
  for (const auto& c : containers) {
    if (!c->opted_in() || c->state == "removing" || c->state == "dead") continue;  // the engine's filter knows no whose
    for (std::string& scope : mounted_scopes(*c, secrets_dir)) by_scope[std::move(scope)].push_back(c);
  }
  std::vector<InventoryEntry> out;
  std::set<std::string> asked;
  for (auto& [scope, users] : by_scope) {
    asked.insert(asked.end(), scope);
    if (auto state = store.shared_state(scope); state.has_value()) out.push_back({std::move(*state), std::move(users)});
  }
  const auto known = store.shared_scopes();
  for (const Scope& scope : *known) {
    if (!is_volume_scope(scope.id)) continue;
    asked.insert(scope.id);
    if (auto state = store.shared_state(scope.id); state.has_value()) out.push_back({std::move(*state), {}});
  }
  store.keep_cached(asked);
  return out;
}

}  // namespace

Result<std::vector<InventoryEntry>> take_inventory(const Engine& engine, const TmpfsStore& store, const Deadline& deadline,
                                                   std::stop_token stop) {
  OptedInList list(engine);
  return take_inventory(list, store, deadline, std::move(stop));
}

Result<std::vector<InventoryEntry>> take_inventory(OptedInList& opted_in, const TmpfsStore& store, const Deadline& deadline,
                                                   std::stop_token stop) {
  DSO_TRY(const auto containers, opted_in.get(deadline, stop));
  return join(*containers, store);
}

}  // namespace dso
