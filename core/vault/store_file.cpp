// Reading and replacing the store file, and clearing away the temp files of killed writers.
#include "vault/store_file.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "vault/private_file.h"
#include "vault/store_codec.h"

namespace dso::vault {
namespace {

constexpr int kLockWaitMs = 60'000;
constexpr std::size_t kMaxFileBytes = kHeaderBytes + kMaxStoreBytes + kTagBytes;

/// The parts below know no path.
Error named(Error e, const std::string& what) {
  if (!e.what.empty()) e.cause = e.what + (e.cause.empty() ? "" : ": " + e.cause);
  e.what = what;
  return e;
}
std::string opening(const StoreLocation& where) {
  return "Cannot open the local store '" + where.data_file() + "'";
}

Result<StoreKey> key_file_key(const StoreLocation& where) {
  const std::string path = where.key_file();
  struct stat st {};
  if (stat(path.c_str(), &st) != 0 && errno == ENOENT)
    return make_error(ErrorClass::credentials_unavailable, "", "its key file '" + path + "' is missing",
                      "Put the key file back from a backup; nothing else can read this store.");
  DSO_TRY(SecretBytes bytes, read_private_file(path, "key file", kKeyBytes));
  if (bytes.size() != kKeyBytes)
    return make_error(
        ErrorClass::credentials_unavailable, "",
        "its key file '" + path + "' has " + std::to_string(bytes.size()) + " bytes instead of " + std::to_string(kKeyBytes),
        "Put the key file back from a backup.");
  return key_from_file_bytes(bytes);
}

Result<StoreKey> passphrase_key(const StoreHeader& header, const std::optional<SecretBytes>& passphrase, KeyCache* cache) {
  const auto copy = [](const StoreKey& key) { return StoreKey{key.cipher_key.clone(), key.check}; };
  if (cache && cache->parameters == header.scrypt) return copy(cache->key);
  if (!passphrase)
    return make_error(ErrorClass::credentials_unavailable, "", "it is protected by a passphrase and none was given",
                      "Run it in a terminal, or name a file of mode 0600 in DSO_STORE_PASSPHRASE_FILE.");
  DSO_TRY(StoreKey key, key_from_passphrase(*passphrase, header.scrypt));
  if (cache && key.check == header.key_check) *cache = {header.scrypt, copy(key)};
  return key;
}

Result<OpenStore> decrypt(const StoreLocation& where, std::string_view file, const std::optional<SecretBytes>& passphrase,
                          KeyCache* cache) {
  OpenStore store;
  DSO_TRY(store.header, decode_header(file));
  DSO_TRY(store.key,
          store.header.key_source == KeySource::key_file ? key_file_key(where) : passphrase_key(store.header, passphrase, cache));
  DSO_TRY(store.plain, unseal(store.header, store.key, file, where.key_file()));
  DSO_TRY(store.content, decode_content(view(store.plain)));
  return store;
}

/// "<file>.tmp-<digits>", as replace_file() names them.
bool is_leftover(std::string_view entry, std::string_view file) {
  constexpr std::string_view kMark = ".tmp-";
  if (!entry.starts_with(file) || !entry.substr(file.size()).starts_with(kMark)) return false;
  const std::string_view digits = entry.substr(file.size() + kMark.size());
  return !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

void remove_leftovers(const StoreLocation& where) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(where.dir.c_str()), closedir);
  if (!folder) return;
  while (const dirent* entry = readdir(folder.get()))
    if (is_leftover(entry->d_name, "store.enc") || is_leftover(entry->d_name, "store.key"))
      unlinkat(dirfd(folder.get()), entry->d_name, 0);
}

}  // namespace

Error no_store(const StoreLocation& where) {
  return make_error(ErrorClass::not_found, "No local store at '" + where.dir + "'", {}, "Run `dso init`.");
}

Result<void> check_folder(const StoreLocation& where) {
  struct stat st {};
  if (stat(where.dir.c_str(), &st) != 0 || (st.st_mode & 022) == 0) return {};  // a missing one is found missing where it is used
  return make_error(ErrorClass::credentials_unavailable, opening(where), "others may write to its folder",
                    "Run `chmod 700 " + where.dir + "`.");
}

Result<OpenStore> open_store(const StoreLocation& where, const std::optional<SecretBytes>& passphrase, KeyCache* cache) {
  if (!LocalStore::exists(where)) return no_store(where);
  DSO_CHECK(check_folder(where));
  DSO_TRY(std::string file, read_text_file(where.data_file(), kMaxFileBytes));  // ciphertext: ordinary memory will do
  auto store = decrypt(where, file, passphrase, cache);
  if (store.has_error()) return named(store.error(), opening(where));
  return store;
}

Result<void> save_store(const StoreLocation& where, const StoreHeader& header, const StoreKey& key, const StoreContent& content) {
  const std::string what = "Cannot write the local store '" + where.data_file() + "'";
  auto plain = encode_content(content);
  if (plain.has_error()) return named(plain.error(), what);
  auto file = seal(header, key, view(*plain));
  if (file.has_error()) return named(file.error(), what);
  struct stat st {};
  FileOwner owner;
  if (geteuid() == 0 && stat(where.data_file().c_str(), &st) == 0) owner = {st.st_uid, st.st_gid};
  auto written = replace_file(where.data_file(), *file, 0600, owner);
  if (written.has_error()) {
    Error e = written.error();
    if (e.next.empty()) e.next = "The store is as it was before.";
    return e;
  }
  return {};
}

Result<UniqueFd> lock_store(const StoreLocation& where) {
  DSO_TRY(UniqueFd lock, lock_file(where.dir + "/store.lock", kLockWaitMs));
  remove_leftovers(where);
  return lock;
}

}  // namespace dso::vault
