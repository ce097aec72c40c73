// The engine has each volume's name once, whatever its driver: a filled scope of that name is the volume's.
#include "agent/volume_users.h"

#include "logic/volume_options.h"

namespace dso {

std::vector<ScopeState> volumes_of_container(const TmpfsStore& store, const Container& container) {
  std::vector<ScopeState> out;
  for (const ContainerMount& m : container.mounts)
    if (m.type == "volume" && !m.name.empty())
      if (auto state = store.read(volume_scope_id(m.name)); state.has_value()) out.push_back(std::move(*state));
  return out;
}

}  // namespace dso
