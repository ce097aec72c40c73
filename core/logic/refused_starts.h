// Which stopped containers the engine would have started, had their secrets been there. Pure; agent/start_refused acts on it.
#pragma once
#include <string>
#include <string_view>

#include "model/container.h"

namespace dso {

/// The engine tried to start it by its restart policy (after a reboot, or when it ended while the tmpfs was empty), failed for
/// want of the folder of its scope below `secrets_dir`, and does not try again by itself: `inspect` shows that in State.Error.
/// False for a container that somebody stopped, one whose policy is "no", one that fails for another reason, and one of a
/// rotation in progress, which is recovered as a whole. Needs no opt-in: DSO's own missing folder is what kept it from starting.
bool refused_for_its_secrets(const Container& container, std::string_view secrets_dir);
/// The same of one that has a volume of ours, which could not be filled: the caller knows that it has.
bool refused_for_its_volume(const Container& container);

}  // namespace dso
