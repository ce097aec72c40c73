// /proc/PID/mountinfo of its first process, compared with the folder of secrets.
#include "agent/seen_mount.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "logic/mounted_scopes.h"
#include "logic/mountinfo_text.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

constexpr std::size_t kLargestMountinfo = 4 << 20;

std::vector<std::string> scopes_of(const Container& c, const std::string& secrets_dir) {
  std::vector<std::string> out = mounted_scopes(c, secrets_dir);
  for (const ContainerMount& m : c.mounts)
    if (m.type == "volume" && !m.name.empty()) out.push_back(volume_scope_id(m.name));
  return out;
}

}  // namespace

void see_mount(Container& c, const TmpfsStore& store) {
  c.mount_lost = false;
  if (c.started_boot_ms <= 0) return;  // that number is not the container's process here
  const std::string secrets_dir = store.paths().secrets_dir();
  const std::vector<std::string> scopes = scopes_of(c, secrets_dir);
  struct stat there {};
  if (scopes.empty() || stat(secrets_dir.c_str(), &there) != 0) return;
  const auto mounts = read_text_file("/proc/" + std::to_string(c.pid) + "/mountinfo", kLargestMountinfo);
  if (mounts.has_error()) return;
  const std::string device = std::to_string(major(there.st_dev)) + ":" + std::to_string(minor(there.st_dev));
  for (const std::string& id : scopes)
    if (scope_mount_seen(*mounts, id, device) == ScopeMountSeen::gone) c.mount_lost = true;
}

}  // namespace dso
