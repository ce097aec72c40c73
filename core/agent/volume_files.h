// What is kept of volumes: names and options on disk, so that they outlive agent and host; who has them mounted beside the tmpfs,
// so that it ends with the boot. Never a value.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "delivery/tmpfs_store.h"
#include "logic/volume_mounts.h"
#include "logic/volume_options.h"

namespace dso {

class VolumeFiles {
 public:
  explicit VolumeFiles(RunPaths paths) : paths_(std::move(paths)) {}

  /// A damaged record is skipped with a log line.
  std::vector<VolumeRecord> records() const;
  Result<void> save(const VolumeRecord& record) const;
  Result<void> forget(const std::string& volume) const;

  VolumeMounts mounts(const std::string& volume) const;
  Result<void> save_mounts(const std::string& volume, const VolumeMounts& mounts) const;

 private:
  std::string record_path(const std::string& volume) const;
  std::string mounts_path(const std::string& volume) const;
  RunPaths paths_;
};

}  // namespace dso
