// The plaintext inside a store file: content to bytes and back (docs/local-store.md has the layout). Every read is checked
// against what is left; nothing is copied but names.
#pragma once
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "vault/store_content.h"

namespace dso::vault {

inline constexpr std::size_t kMaxStoreBytes = 64 * 1024 * 1024;

/// InvalidRequest when it would exceed kMaxStoreBytes.
Result<SecretBuffer> encode_content(const StoreContent& content);
/// Values point into `bytes`. StoreCorrupt on anything that encode_content() would not have written.
Result<StoreContent> decode_content(std::string_view bytes);

}  // namespace dso::vault
