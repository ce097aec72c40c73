// Most distributions give each user a group of the same name with nobody else in it, and a umask of 0002: there what the group
// may write, nobody else may. Any thread; asks the system's user database (NSS).
#pragma once
#include <cstdint>

namespace dso {

/// The group `gid` is that of the user `uid`: it has the user's name, is the user's first group, lists nobody else, and is nobody
/// else's first group. False where the database does not know.
bool is_private_group(std::uint32_t gid, std::uint32_t uid);

}  // namespace dso
