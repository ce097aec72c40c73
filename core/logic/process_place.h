// Where a process is: its control groups, its namespaces, its root. From what /proc tells everybody: the installed agent may not
// trace, so the links in /proc/PID/ns are closed to it. Pure: the texts come from the caller.
#pragma once
#include <string>
#include <string_view>

namespace dso {

struct ProcessPlace {
  std::string cgroup;      ///< The whole of /proc/PID/cgroup.
  int pid_depth = 0;       ///< In how many pid namespaces it is, /proc's own and those below: 1 is /proc's. 0: not told.
  std::string user_map;    ///< /proc/PID/uid_map: how its user namespace's users are the reader's.
  std::string mount_mark;  ///< The number of its first mount: each mount namespace numbers its mounts anew, none has another's.
  std::string root;        ///< Device and folder of what is mounted at its "/": "8:1 /". Empty: its root is no mount.
};

/// `mountinfo` may end behind the line of "/".
ProcessPlace place_of(std::string cgroup, std::string_view status, std::string user_map, std::string_view mountinfo);
/// Whether this line of a mountinfo is that of "/".
bool is_root_mount(std::string_view line);

/// All three namespaces are the same.
bool same_namespaces(const ProcessPlace& a, const ProcessPlace& b);
/// The mount namespace is the same, or at least the root is. A mount namespace alone tells no container from the host: the agent
/// has one of its own under its unit, and so has each service with PrivateTmp=, what `systemd-run -p PrivateTmp=yes` starts, and
/// many an engine. All these have the host's root, the same folder of the same file system; a container's is its image.
bool same_files(const ProcessPlace& a, const ProcessPlace& b);

}  // namespace dso
