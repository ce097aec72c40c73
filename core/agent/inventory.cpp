// Joins the engine's list with the scopes by the label dso.scope.
#include "agent/inventory.h"

#include <map>
#include <set>

#include "logic/volume_options.h"

namespace dso {

Result<std::vector<InventoryEntry>> take_inventory(const Engine& engine, const TmpfsStore& store, const Deadline& deadline,
                                                   std::stop_token stop) {
  DSO_TRY(auto containers, engine.list({{"label", {std::string(label::kReloader) + "=true"}}}, deadline, stop));
  std::map<std::string, std::vector<std::string>> by_scope;
  for (const Container& c : containers)
    if (const std::string scope = c.label_or(label::kScope); !scope.empty() && (c.state == "running" || c.state == "paused"))
      by_scope[scope].push_back(c.id);
  std::vector<InventoryEntry> out;
  std::set<std::string> asked;
  for (auto& [scope, ids] : by_scope) {
    asked.insert(scope);
    auto state = store.read_cached(scope);
    if (state.has_value()) out.push_back({std::move(*state), std::move(ids)});
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

}  // namespace dso
