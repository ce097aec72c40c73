// What /proc/PID/cgroup says, a line for each hierarchy ("4:memory:/docker/ID"): which container ids its paths carry, and whether
// a process is in the control group of a container. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace dso {

/// Runs of exactly 64 hex digits in the paths, each once. A hint and no more: whoever has a subtree of control groups, or may
/// choose where a container's lies, gives them any name.
std::vector<std::string> container_ids_in(std::string_view cgroup);
/// The same of any text, of a command line say.
std::vector<std::string> ids_in_text(std::string_view text);

/// Whether `peer` is in the control group of the container `id`, whose first process has the groups `init`: at it or below it in
/// every hierarchy. The group ends where a path carries the id, since an init system moves itself to a group further down. False
/// where no path of `init` carries the id: that container has no group of its own, and everything lies below "/".
bool in_group_of(std::string_view peer, std::string_view init, std::string_view id);

}  // namespace dso
