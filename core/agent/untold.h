// Compares each process with what lies in its scope, at the start and at each poll: whoever made a scope current without telling
// its process (`dso up`, an agent that was killed, a pause) is found out here. What was compared once is not looked at again
// until something about it changes, so an idle poll asks the engine for no container.
#pragma once
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/inventory.h"
#include "agent/mount_watch.h"
#include "agent/reloader.h"

namespace dso {

/// Any thread.
class Untold {
 public:
  /// References must outlive this object.
  Untold(const Engine& engine, TmpfsStore& store, Reloader& reloader, MountWatch& mount)
      : engine_(engine), store_(store), reloader_(reloader), mount_(mount) {}

  /// Asks the reloader for each scope that has a running, opted-in container with an older value than lies there, a restart that
  /// was cut off, or a delivery that was. Before that the tmpfs itself is looked at (agent/mount_watch). A container that the
  /// engine cannot tell of, or never answers about, holds up no other. Errors: the engine is away.
  Result<void> look(const std::vector<InventoryEntry>& inventory, std::stop_token stop);
  /// The same, of what is there now.
  Result<void> look_anew(std::stop_token stop);
  /// A container that was paused runs again: its turn has come.
  void runs_again(const std::string& container_id, std::stop_token stop);

 private:
  /// True: it was somebody's hand, and its scope is whole again.
  bool mended(const ScopeState& state);
  bool is_known(const InventoryEntry& entry);
  void know(const InventoryEntry& entry);
  void keep_only(const std::vector<InventoryEntry>& inventory);

  const Engine& engine_;
  TmpfsStore& store_;
  Reloader& reloader_;
  MountWatch& mount_;
  std::mutex mutex_;
  std::map<std::string, InventoryEntry> known_;  ///< By scope: what was delivered to whom when everybody had been told.
};

}  // namespace dso
