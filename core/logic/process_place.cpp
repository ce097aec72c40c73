// A line of mountinfo: "36 25 8:1 /folder /mounted/at rw,relatime …", blanks within a field escaped.
#include "logic/process_place.h"

#include <algorithm>
#include <array>

#include "logic/proc_status.h"

namespace dso {
namespace {

enum MountField : std::size_t { kMountId, kMountParent, kMountDevice, kMountFolder, kMountPoint, kMountFields };

/// Empty fields where the line is short.
std::array<std::string_view, kMountFields> mount_fields(std::string_view line) {
  std::array<std::string_view, kMountFields> out;
  for (std::string_view& field : out) {
    const std::size_t end = std::min(line.find(' '), line.size());
    field = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return out;
}

}  // namespace

bool is_root_mount(std::string_view line) {
  return mount_fields(line)[kMountPoint] == "/";
}

ProcessPlace place_of(std::string cgroup, std::string_view status, std::string user_map, std::string_view mountinfo) {
  ProcessPlace out;
  out.cgroup = std::move(cgroup);
  out.pid_depth = parse_pid_depth(status);
  out.user_map = std::move(user_map);
  out.mount_mark = mount_fields(mountinfo.substr(0, mountinfo.find('\n')))[kMountId];
  while (!mountinfo.empty() && out.root.empty()) {
    const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    const auto fields = mount_fields(mountinfo.substr(0, end));
    if (fields[kMountPoint] == "/") out.root = std::string(fields[kMountDevice]) + " " + std::string(fields[kMountFolder]);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
  }
  return out;
}

bool same_namespaces(const ProcessPlace& a, const ProcessPlace& b) {
  return a.pid_depth > 0 && a.pid_depth == b.pid_depth && !a.user_map.empty() && a.user_map == b.user_map &&
         !a.mount_mark.empty() && a.mount_mark == b.mount_mark;
}

bool same_files(const ProcessPlace& a, const ProcessPlace& b) {
  return (!a.mount_mark.empty() && a.mount_mark == b.mount_mark) || (!a.root.empty() && a.root == b.root);
}

}  // namespace dso
