// The engine has each volume's name once, whatever its driver: a filled scope of that name is the volume's.
#include "agent/volume_users.h"

#include "logic/mounted_volumes.h"
#include "logic/volume_options.h"

namespace dso {

std::vector<ScopeState> volumes_of_container(const TmpfsStore& store, std::string_view inspect) {
  std::vector<ScopeState> out;
  const auto names = mounted_volumes(inspect);
  if (names.has_error()) return out;
  for (const std::string& name : *names)
    if (auto state = store.read(volume_scope_id(name)); state.has_value()) out.push_back(std::move(*state));
  return out;
}

}  // namespace dso
