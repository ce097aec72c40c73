// Under the store's lock, as every change of it.
#include "vault/store_batch.h"

#include <algorithm>

#include "base/clock.h"
#include "vault/store_file.h"

namespace dso {
namespace {

/// The values of `secrets` are borrowed by `content`.
Result<std::vector<StoredChange>> put_all(vault::StoreContent& content, const std::vector<SecretValue>& secrets, bool replace) {
  std::vector<StoredChange> out;
  for (const SecretValue& secret : secrets) {
    std::vector<vault::StoredField> fields;
    for (const SecretField& f : secret.fields) fields.push_back({f.name, f.value.reveal()});
    DSO_TRY(const vault::Change change, vault::set_fields(content, secret.name, fields, replace, unix_ms()));
    out.push_back({secret.name, std::to_string(change.version), change.changed});
  }
  return out;
}

}  // namespace

Result<std::vector<StoredChange>> store_all(const StoreLocation& where, const std::optional<SecretBytes>& passphrase,
                                            const std::vector<SecretValue>& secrets, bool replace, const BesideWrite& beside) {
  if (!LocalStore::exists(where)) return vault::no_store(where);
  DSO_TRY(const UniqueFd lock, vault::lock_store(where));
  DSO_TRY(vault::OpenStore store, vault::open_store(where, passphrase));
  DSO_TRY(auto changes, put_all(store.content, secrets, replace));
  if (beside) DSO_CHECK(beside(true));
  if (std::none_of(changes.begin(), changes.end(), [](const StoredChange& c) { return c.changed; })) return changes;
  auto saved = vault::save_store(where, store.header, store.key, store.content);
  if (saved.has_value()) return changes;
  if (beside) DSO_CHECK(beside(false));
  return saved.error();
}

Result<std::vector<StoredChange>> rehearse_all(const StoreLocation& where, const std::optional<SecretBytes>& passphrase,
                                               const std::vector<SecretValue>& secrets, bool replace) {
  if (!LocalStore::exists(where)) return vault::no_store(where);
  DSO_TRY(vault::OpenStore store, vault::open_store(where, passphrase));
  return put_all(store.content, secrets, replace);
}

}  // namespace dso
