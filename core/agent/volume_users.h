// Which volumes of ours a container mounts.
#pragma once
#include <string_view>
#include <vector>

#include "delivery/tmpfs_store.h"

namespace dso {

/// The states of the filled volumes among those in the engine's inspect of a container.
std::vector<ScopeState> volumes_of_container(const TmpfsStore& store, std::string_view inspect);

}  // namespace dso
