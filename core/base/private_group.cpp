// By the entries of passwd(5) and group(5), whatever database they come from.
#include "base/private_group.h"

#include <grp.h>
#include <pwd.h>

#include <mutex>
#include <string>

namespace dso {

bool is_private_group(std::uint32_t gid, std::uint32_t uid) {
  // the database is one for the process, and where it is being read is part of it
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const passwd* const owner = getpwuid(uid);
  if (!owner || owner->pw_gid != gid) return false;
  const std::string name = owner->pw_name;
  const group* const its = getgrgid(gid);
  if (!its || name != its->gr_name) return false;
  for (char** member = its->gr_mem; member && *member; ++member)
    if (name != *member) return false;
  bool alone = true;
  setpwent();
  while (const passwd* const user = getpwent())
    if (user->pw_gid == gid && user->pw_uid != uid) alone = false;
  endpwent();
  return alone;
}

}  // namespace dso
