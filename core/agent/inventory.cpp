// Joins the engine's list with the scopes by what the containers mount.
#include "agent/inventory.h"

#include <algorithm>
#include <map>
#include <set>

#include "logic/mounted_scopes.h"
#include "logic/volume_options.h"

namespace dso {

namespace {

std::vector<InventoryEntry> join(const std::vector<Container>& containers, const TmpfsStore& store) {
  std::map<std::string, std::vector<Container>> by_scope;
  for (const Container& c : containers) {
    if (!c.opted_in() || c.state == "removing" || c.state == "dead") continue;  // the engine's filter knows no whose
    for (const std::string& scope : mounted_scopes(c, store.paths().secrets_dir())) by_scope[scope].push_back(c);
  }
  std::vector<InventoryEntry> out;
  std::set<std::string> asked;
  for (auto& [scope, users] : by_scope) {
    asked.insert(scope);
    auto state = store.read_cached(scope);
    std::sort(users.begin(), users.end(), [](const Container& a, const Container& b) { return a.id < b.id; });
    if (state.has_value()) out.push_back({std::move(*state), std::move(users)});
  }
  for (const Scope& scope : store.known_scopes()) {
    if (!is_volume_scope(scope.id)) continue;
    asked.insert(scope.id);
    auto state = store.read_cached(scope.id);
    if (state.has_value()) out.push_back({std::move(*state), {}});
  }
  store.keep_cached(asked);
  return out;
}

}  // namespace

Result<std::vector<InventoryEntry>> take_inventory(const Engine& engine, const TmpfsStore& store, const Deadline& deadline,
                                                   std::stop_token stop) {
  DSO_TRY(const auto containers, engine.list({{"label", {std::string(label::kReloader) + "=true"}}}, deadline, stop));
  return join(containers, store);
}

Result<std::vector<InventoryEntry>> take_inventory(OptedInList& opted_in, const TmpfsStore& store, const Deadline& deadline,
                                                   std::stop_token stop) {
  DSO_TRY(const auto containers, opted_in.get(deadline, stop));
  return join(*containers, store);
}

}  // namespace dso
