// The key by which this host's DSO knows what it noted about rotations (logic/rotation_notes.h): 32 bytes in the state folder,
// for root alone. On the disk and not of the boot: who comes after a reboot in the middle of a rotation ends it.
#pragma once
#include <string>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace dso {

/// Made with the folder that remembers scopes, so a state folder that has that and no key is of a version without one.
bool has_rotation_key(const std::string& state_dir);
bool is_of_a_version_without_key(const std::string& state_dir);

/// Of several that make it one wins. Nothing is done where there is one.
Result<void> make_rotation_key(const std::string& state_dir);
Result<SecretBytes> rotation_key(const std::string& state_dir);

}  // namespace dso
