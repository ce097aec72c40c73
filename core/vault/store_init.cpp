// LocalStore::init: the folder, the key and an empty store, in an order that a crash at any point leaves usable.
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "base/path.h"
#include "vault/private_file.h"
#include "vault/store_file.h"

namespace dso {
namespace {

Error already_there(const std::string& path) {
  return make_error(ErrorClass::io, "A local store is there already: '" + path + "'", "nothing was changed",
                    "See what it holds with `dso secret list`.");
}

/// Missing folders are made 0700. An existing one is left as it is, but it must not be open to others' writing.
Result<void> prepare_folder(const StoreLocation& where) {
  DSO_CHECK(make_folders(where.dir, 0700));
  DSO_CHECK(vault::check_folder(where));
  const std::string parent = std::filesystem::path(absolute_path(where.dir)).parent_path().string();
  UniqueFd folder(open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder && fsync(folder.get()) != 0) return io_error("Cannot make the folder '" + where.dir + "' durable", errno);
  return {};
}

/// A key file that is there already (an init that was killed, a store restored in two steps) is used, never overwritten:
/// it may be the only key to a backup.
Result<vault::StoreKey> key_file(const StoreLocation& where) {
  struct stat st {};
  if (lstat(where.key_file().c_str(), &st) == 0) {
    DSO_TRY(SecretBytes bytes, read_private_file(where.key_file(), "key file", vault::kKeyBytes));
    if (bytes.size() == vault::kKeyBytes) return vault::key_from_file_bytes(bytes);
    return make_error(ErrorClass::io, "Cannot use the key file '" + where.key_file() + "'",
                      "it has " + std::to_string(bytes.size()) + " bytes instead of " + std::to_string(vault::kKeyBytes),
                      "Move it away and run `dso init` again.");
  }
  DSO_TRY(SecretBytes bytes, vault::random_key());
  DSO_CHECK(replace_file(where.key_file(), bytes.reveal(), 0600));
  return vault::key_from_file_bytes(bytes);
}

}  // namespace

Result<void> LocalStore::init(const StoreLocation& where, const std::optional<SecretBytes>& passphrase) {
  if (exists(where)) return already_there(where.data_file());
  if (passphrase && passphrase->empty())
    return make_error(ErrorClass::usage, "Cannot make a local store", "the passphrase is empty");
  DSO_CHECK(prepare_folder(where));
  DSO_TRY(const UniqueFd lock, vault::lock_store(where));
  if (exists(where)) return already_there(where.data_file());  // another init was quicker
  vault::StoreHeader header;
  if (!passphrase) {
    header.scrypt = {0, 0, 0, {}};
    DSO_TRY(const vault::StoreKey key, key_file(where));
    return vault::save_store(where, header, key, {});
  }
  header.key_source = vault::KeySource::scrypt;
  DSO_TRY(header.scrypt, vault::new_scrypt_parameters());
  DSO_TRY(const vault::StoreKey key, vault::key_from_passphrase(*passphrase, header.scrypt));
  return vault::save_store(where, header, key, {});
}

}  // namespace dso
