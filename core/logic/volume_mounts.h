// Who has a volume mounted, as the engine told us, and when its values may go. Pure; time is passed in.
//
// The engine mounts again with the same id (`docker cp` into a running container), so ids are counted, not kept as a set. It also
// forgets: killed, it may never unmount, or unmount what this agent never saw. So nothing is wiped on the strength of the counts
// alone: the engine's list of containers has the last word.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dso {

struct VolumeMounts {
  std::map<std::string, int> counts;  ///< By the engine's id; no entry is zero.
  std::int64_t last_ms = 0;           ///< Of the newest mount, since the host started.
  std::int64_t left_ms = 0;           ///< When the last one that had it unmounted it, since the host started.

  void mount(const std::string& id, std::int64_t now_ms);
  /// One that was never mounted counts for nothing.
  void unmount(const std::string& id, std::int64_t now_ms);
  bool mounted() const { return !counts.empty(); }
};

enum class VolumeSweep {
  keep,        ///< Mounted, or a container is just being started.
  soon,        ///< Nobody has it, but a container that is restarted may come back for it.
  ask_engine,  ///< Nobody has it by the counts, or a count is so old that it may be left over.
};
VolumeSweep sweep_of(const VolumeMounts& mounts, std::int64_t now_ms);

std::string volume_mounts_json(const VolumeMounts& mounts);
/// What cannot be read is no mounts: the engine is asked before anything is wiped.
VolumeMounts parse_volume_mounts(std::string_view text);

}  // namespace dso
