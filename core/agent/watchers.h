// One watcher for each provider instance of the config; another config takes some away and brings others.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "agent/watcher.h"

namespace dso {

/// Thread-safe, but for `stop` and `start`, which are for one thread at a time.
class Watchers {
 public:
  /// References must outlive this object.
  Watchers(Sources& sources, TmpfsStore& store, OptedInList& opted_in, Reloader& reloader, Untold& untold)
      : sources_(sources), store_(store), opted_in_(opted_in), reloader_(reloader), untold_(untold) {}

  /// Ends the watchers of these instances, and waits for them: a poll that is under way is cancelled, nothing that it has handed
  /// to the reloader is.
  void stop(const std::set<std::string>& instances);
  /// Starts one for each instance of the sources' config that has none.
  void start();
  /// Has all of them poll now.
  void wake();
  std::size_t count() const;

 private:
  Sources& sources_;
  TmpfsStore& store_;
  OptedInList& opted_in_;
  Reloader& reloader_;
  Untold& untold_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Watcher>> watchers_;
};

}  // namespace dso
