// The cryptography of the local store, by OpenSSL alone: scrypt, HMAC-SHA-256 to split the key, AES-256-GCM. No files.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "vault/store_header.h"

namespace dso::vault {

inline constexpr std::size_t kKeyBytes = 32;

/// What a key file or a passphrase gives: the cipher's key, and a check value that may stand in the clear.
struct StoreKey {
  SecretBytes cipher_key;
  std::array<char, 16> check{};
};

/// 32 random bytes.
Result<SecretBytes> random_key();
/// `secret` is the key file's 32 bytes.
Result<StoreKey> key_from_file_bytes(const SecretBytes& secret);
/// Takes the memory and time that the parameters ask for (128 MiB, 0.3 s by default).
Result<StoreKey> key_from_passphrase(const SecretBytes& passphrase, const ScryptParameters& parameters);
/// The default cost with a random salt.
Result<ScryptParameters> new_scrypt_parameters();

/// The whole file: header (its nonce, key check and length are set here), ciphertext, tag.
Result<std::string> seal(StoreHeader header, const StoreKey& key, std::string_view plain);
/// `file` is whole and `header` its decoded header; `key_file` names, for an error, where its key is from if not from a
/// passphrase. DecryptFailed: another key file's key. InvalidCredentials: another passphrase. StoreCorrupt: not what was sealed.
Result<SecretBuffer> unseal(const StoreHeader& header, const StoreKey& key, std::string_view file, const std::string& key_file);

}  // namespace dso::vault
