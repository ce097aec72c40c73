// Which container a process is in, from its /proc/PID/cgroup. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace dso {

/// The container's id, 64 hex digits; "" for a process of the host. The outermost id of a line counts: a container can make
/// groups of any name below its own. Errors (AccessDenied): the lines name different containers.
Result<std::string> container_of_cgroup(std::string_view text);

}  // namespace dso
