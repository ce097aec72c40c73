// Another config for an agent that runs: whole or not at all. Stores, watchers and caches of what it changes are made anew; no
// container is touched, no socket is closed, and what is under way ends by the config that it began with.
#pragma once
#include <functional>
#include <mutex>
#include <string>

#include "agent/load_config.h"
#include "agent/read_cache.h"
#include "agent/sources.h"
#include "agent/watchers.h"

namespace dso {

class ConfigReload {
 public:
  using Load = std::function<Result<LoadedConfig>()>;
  /// References must outlive this object. `cache`: null without sockets. `load` reads the config anew and sets up the log by it.
  ConfigReload(const LoadedConfig& now, Load load, Sources& sources, Watchers& watchers, ReadCache* cache)
      : load_(std::move(load)), sources_(sources), watchers_(watchers), cache_(cache), mark_(now.mark) {}

  /// What changed, for people, or why all stays as it was; either is in the log. One thread.
  Result<std::string> reload();
  const Config& config() const { return sources_.config(); }
  /// What was read last, and took effect. Any thread.
  ConfigMark mark() const;

 private:
  Result<std::string> change();

  const Load load_;
  Sources& sources_;
  Watchers& watchers_;
  ReadCache* cache_;
  mutable std::mutex mutex_;
  ConfigMark mark_;
};

/// For the log: delivered secrets of instances that the config does not have, which nobody watches.
void tell_of_unknown_instances(const TmpfsStore& store, const Config& config);

}  // namespace dso
