// The embedded encrypted store: one file, AES-256-GCM, several fields a secret, a version a change. Safe for many processes
// at once (lock, temp file, fsync, rename). Values stay in SecretBytes; the file never holds one in the clear.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/secret.h"

namespace dso {

/// Where a store lies: <dir>/store.enc, <dir>/store.key (0600, key file form), <dir>/store.lock.
struct StoreLocation {
  std::string dir;
  std::string data_file() const { return dir + "/store.enc"; }
  std::string key_file() const { return dir + "/store.key"; }
};

class LocalStore {
 public:
  /// Makes an empty store with a random key in its key file, or with a key derived from the passphrase by scrypt.
  /// Refuses if one is there already. Folder 0700.
  static Result<void> init(const StoreLocation& where, const std::optional<SecretBytes>& passphrase);
  static bool exists(const StoreLocation& where);
  static bool needs_passphrase(const StoreLocation& where);
  /// Reads and decrypts. Errors name the file: missing (run `dso init`), wrong key, truncated, damaged, key file readable by
  /// others.
  static Result<LocalStore> open(const StoreLocation& where, std::optional<SecretBytes> passphrase);

  /// Current fields of a secret, or of one version if still kept.
  Result<SecretValue> get(const std::string& name, const std::string& version = {}) const;
  Result<std::string> version(const std::string& name) const;
  struct Entry {
    std::string name;
    std::string version;
    std::int64_t changed_at_ms = 0;
    std::vector<std::string> fields;
  };
  std::vector<Entry> list() const;
  std::string key_description() const;  ///< "key file /etc/dso/store/store.key" or "passphrase".

  /// Each takes the lock, reads the newest state, changes it, writes it whole. `set` with field "" replaces the whole
  /// secret by the one field "value"; else that one field. Returns the new version. An equal value makes no new version.
  static Result<std::string> set(const StoreLocation& where, const std::optional<SecretBytes>& passphrase,
                                 const std::string& name, const std::string& field, SecretBytes value);
  static Result<void> remove(const StoreLocation& where, const std::optional<SecretBytes>& passphrase, const std::string& name,
                             const std::string& field);

  LocalStore(LocalStore&&) noexcept;
  LocalStore& operator=(LocalStore&&) noexcept;
  ~LocalStore();

 private:
  struct Content;
  explicit LocalStore(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

/// The store as a SecretSource: rereads when the file changed (inode, size, mtime), so a poll without change costs one stat.
std::unique_ptr<SecretSource> local_source(StoreLocation where, std::optional<SecretBytes> passphrase);

}  // namespace dso
