// Base64 of bytes that may be secret: into secret memory, nothing in between. Pure.
#pragma once
#include <string_view>

#include "base/secret_bytes.h"

namespace dso {

/// RFC 4648 with padding, as Go's encoding/json writes bytes.
void append_base64(SecretBuffer& out, std::string_view bytes);

}  // namespace dso
