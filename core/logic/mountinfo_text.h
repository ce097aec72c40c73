// What /proc/PID/mountinfo says of the tmpfs of secrets: whether a process has a scope's folders mounted from the one that lies
// there now, and whether that is ours. That file is readable without the right to trace. Pure: the text comes from the caller.
#pragma once
#include <string_view>

namespace dso {

enum class ScopeMountSeen {
  none,     ///< No folder of the scope is mounted there.
  present,  ///< From the file system `device`.
  gone,     ///< From another one only: what is written now never gets there.
};

/// `device`: "0:45", of the folder of secrets as it is now. A folder of the scope is told by its path within the tmpfs
/// (…/<scope>/<folder>), so that it does not matter where, or by what link, the container has it.
ScopeMountSeen scope_mount_seen(std::string_view mountinfo, std::string_view scope_id, std::string_view device);

/// Something else is mounted at `point` on top of what is called `source`. Of two at one point the later one lies on top.
bool is_covered(std::string_view mountinfo, std::string_view point, std::string_view source);

}  // namespace dso
