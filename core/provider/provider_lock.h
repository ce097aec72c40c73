// providers.lock: which provider files DSO may load, by name, version, file and SHA-256; and the rules of trust. Pure: texts
// and numbers in, texts or verdicts out; provider_file.cpp opens and measures.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dso {

inline constexpr const char* kProviderLockName = "providers.lock";

/// "vault": lower-case letters, digits, '-' and '_', a letter first, at most 32.
bool is_provider_type(std::string_view text);
/// "libdso_provider_vault.so"
std::string provider_file_name(std::string_view type);
/// The type that the name of a file says, if it is a provider's.
std::optional<std::string> provider_type_of(std::string_view file_name);

struct LockedProvider {
  std::string name, version, file, sha256;
  /// The fingerprint of the key that signed it, and the signature in base64; both empty: installed without one.
  std::string signer = {}, signature = {};
  bool operator==(const LockedProvider&) const = default;
};

/// Sorted by name, each once.
class ProviderLock {
 public:
  const std::vector<LockedProvider>& providers() const { return providers_; }
  const LockedProvider* find(std::string_view name) const;
  /// Takes the place of the one with the same name.
  void put(LockedProvider provider);
  void drop(std::string_view name);

 private:
  std::vector<LockedProvider> providers_;
};

/// `path` is for errors. Anything that is not as provider_lock_text writes it is an error: what may run is no place to guess.
Result<ProviderLock> parse_provider_lock(std::string_view text, const std::string& path);
std::string provider_lock_text(const ProviderLock& lock);

/// What fstat says of an opened folder or file.
struct OwnerFacts {
  std::uint32_t uid = 0, mode = 0;
};
/// Only root (and `user`, who runs DSO) may own what DSO loads, and nobody else may write it. `kind` is "provider", "folder", ….
Result<void> check_owner(const std::string& kind, const std::string& path, const OwnerFacts& facts, std::uint32_t user);
/// Only what the lock lists, with that very content.
Result<void> check_locked(const ProviderLock& lock, const std::string& type, const std::string& path, const std::string& sha256);

}  // namespace dso
