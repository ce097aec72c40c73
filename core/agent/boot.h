// After a host reboot the tmpfs is empty: brings back the secrets of the scopes that the agent knows, and the containers that the
// engine could not start without them.
#pragma once
#include <map>
#include <mutex>
#include <set>
#include <stop_token>

#include "agent/sources.h"
#include "agent/start_refused.h"

namespace dso {

/// Any thread; all of it is safe to repeat. A store or an engine that is down is no error: the caller comes again.
class Boot {
 public:
  /// References must outlive this object.
  Boot(Sources& sources, TmpfsStore& store, const Engine& engine)
      : sources_(sources), store_(store), engine_(engine), refused_(engine, store) {}

  /// Delivers the scopes that are known on disk but absent on tmpfs, within `budget` in all. Asks no engine: at boot it waits for
  /// us. A store that does not answer is asked once, and costs the scopes of other stores no time. True: nothing is missing.
  bool refill(std::chrono::milliseconds budget, std::stop_token stop);
  /// Volumes are filled when they are mounted; but one that a container has had all along, from a tmpfs that was lost while no
  /// agent ran, would be out of sight of every poll. Asks the engine, only about volumes that are missing.
  void refill_used_volumes(std::stop_token stop);
  /// Starts what the engine refused for want of a secret that is there now. True: nothing is left to try.
  bool start_refused(std::stop_token stop);

 private:
  void report(const Scope& scope, const Error& error);

  Sources& sources_;
  TmpfsStore& store_;
  const Engine& engine_;
  RefusedStarts refused_;
  std::mutex mutex_;
  std::map<std::string, ErrorClass> reported_;  ///< Scopes that are missing, as the log has it.
  std::size_t waiting_reported_ = 0;
};

}  // namespace dso
