// What a process that was killed between writing and renaming has left beside the file it meant to replace.
#pragma once
#include <string>

namespace dso {

/// In the name of every file that replace_file has not renamed yet; its writer holds a flock on it.
inline constexpr const char* kTemporary = ".tmp-";

/// Removes those in `folder` that nobody writes any more.
void remove_abandoned(const std::string& folder);

}  // namespace dso
