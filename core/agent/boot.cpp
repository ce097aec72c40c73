// Refill and resume; both are safe to repeat.
#include "agent/boot.h"

#include <algorithm>

#include "agent/deliver.h"
#include "agent/inventory.h"
#include "base/log.h"
#include "logic/plan_reload.h"

namespace dso {

int refill_scopes(Sources& sources, TmpfsStore& store, std::chrono::milliseconds budget, std::stop_token stop) {
  const Deadline deadline = Deadline::in(budget);
  int missing = 0;
  for (const Scope& scope : store.known_scopes()) {
    auto there = store.read(scope.id);
    if (there.has_value() || there.error().cls != ErrorClass::not_found) continue;
    if (deadline.passed() || stop.stop_requested()) {
      ++missing;
      continue;
    }
    auto delivered = deliver_scope(scope, sources, store, deadline, stop);
    if (delivered.has_error()) {
      ++missing;
      log::error("Agent", render(delivered.error()) + " Containers of '" + scope.service +
                              "' cannot start until it is there; trying again at each poll");
    } else {
      log::info("Agent", "Secrets of '" + scope.service + "' are back on tmpfs");
    }
  }
  return missing;
}

Result<void> resume_unfinished(const Engine& engine, const TmpfsStore& store, Reloader& reloader, std::stop_token stop) {
  const Deadline deadline = Deadline::in(std::chrono::seconds(30));
  DSO_TRY(auto inventory, take_inventory(engine, store, deadline, stop));
  for (const InventoryEntry& entry : inventory) {
    for (const std::string& id : entry.container_ids) {
      auto container = engine.inspect(id, deadline, stop);
      if (container.has_error() || stale_secrets(entry.state, *container).empty()) continue;
      log::info("Agent", "'" + container->name + "' has not been told of its newest secret yet, going on with that");
      reloader.request(entry.state.scope.id);
      break;
    }
  }
  return {};
}

}  // namespace dso
