// The pid is the engine's word; the process is believed to be the container's only if its cgroup carries the container's id.
#include "docker/process_start.h"

#include <unistd.h>

#include "base/file.h"
#include "logic/proc_stat.h"

namespace dso {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;

}  // namespace

std::int64_t process_started_boot_ms(std::int64_t pid, const std::string& container_id, const std::string& proc) {
  if (pid <= 0 || container_id.empty()) return 0;
  const std::string folder = proc + "/" + std::to_string(pid);
  const auto stat = read_text_file(folder + "/stat", kMaxBytes);
  if (stat.has_error()) return 0;
  // After the stat: a pid that was given to another process in between shows that one's cgroup.
  const auto cgroup = read_text_file(folder + "/cgroup", kMaxBytes);
  if (cgroup.has_error() || cgroup->find(container_id) == std::string::npos) return 0;
  const auto ticks = parse_start_ticks(*stat);
  const long per_second = sysconf(_SC_CLK_TCK);
  return ticks && per_second > 0 ? *ticks * 1000 / per_second : 0;
}

}  // namespace dso
