// The name in a tar archive of one file, as the engine gives it out. Pure; the file may be a secret.
#pragma once
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace dso {

/// The engine names a file by the last part of its path; afterwards it has the whole, so that unpacked at '/' it comes where it
/// was, folders above it included. InvalidRequest: it is no such archive, or the path is too long for one.
Result<void> name_whole_path(SecretBuffer& archive, std::string_view path);

}  // namespace dso
