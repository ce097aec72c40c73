// Which volumes of ours a container mounts.
#pragma once
#include <vector>

#include "delivery/tmpfs_store.h"
#include "model/container.h"

namespace dso {

/// The states of the filled volumes among those that it mounts.
std::vector<ScopeState> volumes_of_container(const TmpfsStore& store, const Container& container);

}  // namespace dso
