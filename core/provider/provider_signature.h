// Ed25519 signatures of provider files: the keys that are trusted, a signature as it lies beside a file, and what is refused.
// Pure: bytes in, verdicts out; provider_keys.cpp reads the folder of keys.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "provider/provider_lock.h"

namespace dso {

inline constexpr const char* kSignatureSuffix = ".sig";

struct ProviderKey {
  std::string file;         ///< "vendor.pem": what it is called in texts.
  std::string fingerprint;  ///< SHA-256 of the key's DER form (SubjectPublicKeyInfo), 64 hex digits.
  std::string raw;          ///< The public key's 32 bytes.
  bool operator==(const ProviderKey&) const = default;
};

/// The keys of one folder. That there is such a folder means that only signed providers are loaded, whatever it holds.
struct ProviderKeys {
  std::string folder;
  std::vector<ProviderKey> keys;  ///< By file name.
  const ProviderKey* find(std::string_view fingerprint) const;
  /// The key that made this signature of this content.
  const ProviderKey* signer_of(std::string_view content, std::string_view signature) const;
};

/// A public Ed25519 key in PEM. Config error for anything else; `path` is for its text, `file` for the key.
Result<ProviderKey> parse_provider_key(std::string_view pem, const std::string& path, const std::string& file);

/// What `openssl pkeyutl -sign` writes: 64 bytes; or their base64. Nothing: neither.
std::optional<std::string> parse_signature(std::string_view content);
std::string signature_base64(std::string_view signature);

/// "vendor.pem (1a2b3c4d5e6f)" or, for a key that is not among them, "1a2b3c4d5e6f".
std::string signer_text(const std::optional<ProviderKeys>& keys, const std::string& fingerprint);

/// For installing: `signature` is the content of FILE.sig, unset if there is none. The key that signed `content`.
Result<ProviderKey> check_signature(const ProviderKeys& keys, const std::string& source, std::string_view content,
                                    const std::optional<std::string>& signature);
/// For loading: the entry's signature is one of `content`, by a key that is trusted now.
Result<void> check_signed(const ProviderKeys& keys, const LockedProvider& locked, const std::string& path,
                          std::string_view content);

}  // namespace dso
