// When a container's PID 1 was made, by the kernel's own clock. Reads /proc only.
#pragma once
#include <cstdint>
#include <string>

namespace dso {

/// Milliseconds since the host started. 0 where this cannot be known: it does not run, the engine is on another host or in
/// another pid namespace, so that the number is not this process here. `proc`: for tests.
std::int64_t process_started_boot_ms(std::int64_t pid, const std::string& container_id, const std::string& proc = "/proc");

}  // namespace dso
