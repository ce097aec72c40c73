// The secrets of a scope as they were delivered, whole, beside its files on tmpfs: what is frozen, joined or looked back at comes
// from here and not from the store, which may have another value by now, or none. As bytes; nothing here touches a file.
#pragma once
#include <map>
#include <string_view>

#include "base/result.h"
#include "model/secret.h"

namespace dso::delivery {

/// Each part with its length in front: values may hold any byte.
SecretBuffer encode_values(const std::map<SecretKey, SecretValue>& values);
/// StoreCorrupt for anything that encode_values does not make.
Result<std::map<SecretKey, SecretValue>> decode_values(std::string_view bytes);

}  // namespace dso::delivery
