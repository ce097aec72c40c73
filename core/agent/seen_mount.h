// Whether a container still sees what is written for it: after the tmpfs of secrets was lost, who ran then has the old one
// mounted.
#pragma once
#include "delivery/tmpfs_store.h"
#include "model/container.h"

namespace dso {

/// Sets `mount_lost` of a container as an inspect shows it, by what its process has mounted; false where that is not to be seen
/// from here. Looks only.
void see_mount(Container& container, const TmpfsStore& store);

}  // namespace dso
