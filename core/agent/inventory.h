// What is there: the scopes on tmpfs and the opted-in containers that use them. Reads only.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "agent/opted_in_list.h"
#include "base/result.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"
#include "model/container.h"
#include "model/delivery.h"

namespace dso {

struct InventoryEntry {
  std::shared_ptr<const ScopeState> state;
  std::vector<std::shared_ptr<const Container>>
      containers;  ///< Opted in, whatever they do now; as the engine's list has them. By id.
};

/// One engine call. Those that are on their way out are left out. Volumes that are filled are there too, without containers:
/// their files change whoever has them. Scopes whose files are gone (a reboot) and opted-in containers without a scope are left
/// out.
Result<std::vector<InventoryEntry>> take_inventory(const Engine& engine, const TmpfsStore& store, const Deadline& deadline,
                                                   std::stop_token stop);
/// The same from what is known of the engine; at rest without a call.
Result<std::vector<InventoryEntry>> take_inventory(OptedInList& opted_in, const TmpfsStore& store, const Deadline& deadline,
                                                   std::stop_token stop);

}  // namespace dso
