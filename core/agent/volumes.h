// The volumes that the engine has of us: makes, fills, empties and forgets them as its calls say. A volume's files are a scope
// like any other, so that the watcher keeps them at the newest values. The engine's protocol is in plugin_server.
#pragma once
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agent/sources.h"
#include "agent/volume_files.h"
#include "docker/engine.h"
#include "logic/plugin_protocol.h"

namespace dso {

/// Thread-safe.
class Volumes {
 public:
  /// Reads what is on disk, asks nobody. References must outlive this object.
  Volumes(Sources& sources, TmpfsStore& store, const Engine& engine);
  ~Volumes();

  /// Made already with the same options: no error.
  Result<void> create(const std::string& name, const VolumeOptions& options);
  /// In use: an error. Wipes what is left of it.
  Result<void> remove(const std::string& name, const std::stop_token& stop);
  /// The folder to mount, filled. An error blocks the container's start; a store that is down does not, where the last good files
  /// are still there.
  Result<std::string> mount(const std::string& name, const std::string& id, const std::stop_token& stop);
  Result<void> unmount(const std::string& name, const std::string& id);
  Result<PluginVolume> get(const std::string& name) const;
  std::vector<PluginVolume> list() const;

 private:
  struct Volume {
    VolumeRecord record;
    VolumeMounts mounts;
    std::shared_ptr<std::mutex> filling = std::make_shared<std::mutex>();  ///< Held while its files are made or wiped.
  };
  enum class Swept { kept, wiped, soon, later };

  Result<std::string> fill(const Volume& volume, bool mounted_already, const std::stop_token& stop);
  Result<bool> engine_uses(const std::string& name, const std::stop_token& stop) const;
  bool filled(const std::string& name) const;
  std::string files_of(const std::string& name) const;
  std::string mountpoint_of(const std::string& name) const;
  Result<void> wipe(const std::string& name);
  void sweep_when_asked(const std::stop_token& stop);
  Swept sweep(const std::string& name, const std::stop_token& stop);
  PluginVolume shown(const Volume& volume) const;
  bool start_refused(const std::stop_token& stop);
  Result<std::vector<Container>> refused_containers(const std::string& name, const std::stop_token& stop) const;
  bool can_be_had(const std::string& name, const std::stop_token& stop);

  Sources& sources_;
  TmpfsStore& store_;
  const Engine& engine_;
  const VolumeFiles files_;
  mutable std::mutex mutex_;
  std::condition_variable_any asked_;
  bool sweep_asked_ = true;  ///< At the start: an agent before may have left something.
  std::map<std::string, Volume> volumes_;
  std::set<std::string> refused_;  ///< Volumes that could not be filled when the engine wanted them.
  std::jthread sweeper_;           ///< Last: it uses the others.
};

}  // namespace dso
