// A store on disk: opened (file, key, content) and saved whole. Knows where things lie and who may read them; the callers
// hold the lock while they change something.
#pragma once
#include <optional>

#include "base/unique_fd.h"
#include "vault/local_store.h"
#include "vault/store_cipher.h"
#include "vault/store_content.h"
#include "vault/store_header.h"

namespace dso::vault {

/// A decrypted store. Movable: the content's values point into `plain`'s memory, which moves along.
struct OpenStore {
  StoreHeader header;
  StoreKey key;
  SecretBuffer plain;
  StoreContent content;
};

/// The last key derived from a passphrase, so that a store that is reread costs scrypt once.
struct KeyCache {
  std::optional<ScryptParameters> parameters;
  StoreKey key;
};

/// Every error's `what` names the store file. NotFound if there is no store.
Result<OpenStore> open_store(const StoreLocation& where, const std::optional<SecretBytes>& passphrase, KeyCache* cache = nullptr);
/// Under the lock. Writes all of it with a fresh nonce; keeps the owner of an existing file.
Result<void> save_store(const StoreLocation& where, const StoreHeader& header, const StoreKey& key, const StoreContent& content);

/// The store's lock, exclusive; waits up to a minute for other writers. Clears away what writers that were killed left.
Result<UniqueFd> lock_store(const StoreLocation& where);

Error no_store(const StoreLocation& where);
/// Refuses a folder that group or others may write: whoever can rename in it can replace store and key.
Result<void> check_folder(const StoreLocation& where);

}  // namespace dso::vault
