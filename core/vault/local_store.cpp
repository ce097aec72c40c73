// The public face of the local store: making it, reading it, changing it under the lock.
#include "vault/local_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/clock.h"
#include "base/file.h"
#include "vault/store_file.h"

namespace dso {

struct LocalStore::Content {
  StoreLocation where;
  vault::OpenStore store;
};

namespace {}  // namespace

LocalStore::LocalStore(std::unique_ptr<Content> content) : content_(std::move(content)) {}
LocalStore::LocalStore(LocalStore&&) noexcept = default;
LocalStore& LocalStore::operator=(LocalStore&&) noexcept = default;
LocalStore::~LocalStore() = default;

bool LocalStore::exists(const StoreLocation& where) {
  return access(where.data_file().c_str(), F_OK) == 0 || errno != ENOENT;
}

bool LocalStore::needs_passphrase(const StoreLocation& where) {
  // Only the front of the file is read: this is asked before every use, also of a large store.
  UniqueFd fd(::open(where.data_file().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  char front[12] = {};
  return fd && read(fd.get(), front, sizeof front) == sizeof front &&
         static_cast<vault::KeySource>(front[vault::kKeySourceOffset]) == vault::KeySource::scrypt;
}

Result<LocalStore> LocalStore::open(const StoreLocation& where, std::optional<SecretBytes> passphrase) {
  DSO_TRY(vault::OpenStore store, vault::open_store(where, passphrase));
  return LocalStore(std::make_unique<Content>(Content{where, std::move(store)}));
}

Result<SecretValue> LocalStore::get(const std::string& name, const std::string& version) const {
  return vault::get_value(content_->store.content, name, version);
}

Result<std::string> LocalStore::version(const std::string& name) const {
  const vault::StoredSecret* secret = content_->store.content.find(name);
  if (!secret) return vault::no_such_secret(content_->store.content.names(), name);
  return std::to_string(secret->current().number);
}

std::vector<LocalStore::Entry> LocalStore::list() const {
  std::vector<Entry> entries;
  for (const vault::StoredSecret& s : content_->store.content.secrets) {
    Entry entry{s.name, std::to_string(s.current().number), s.current().changed_at_ms, {}};
    for (const vault::StoredField& f : s.current().fields) entry.fields.push_back(f.name);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string LocalStore::key_description() const {
  return content_->store.header.key_source == vault::KeySource::scrypt ? "passphrase" : "key file " + content_->where.key_file();
}

Result<std::string> LocalStore::set(const StoreLocation& where, const std::optional<SecretBytes>& passphrase,
                                    const std::string& name, const std::string& field, SecretBytes value) {
  if (!exists(where)) return vault::no_store(where);
  DSO_TRY(const UniqueFd lock, vault::lock_store(where));
  DSO_TRY(vault::OpenStore store, vault::open_store(where, passphrase));
  DSO_TRY(const vault::Change change, vault::set_value(store.content, name, field, value.reveal(), unix_ms()));
  if (change.changed) DSO_CHECK(vault::save_store(where, store.header, store.key, store.content));
  return std::to_string(change.version);
}

Result<void> LocalStore::remove(const StoreLocation& where, const std::optional<SecretBytes>& passphrase, const std::string& name,
                                const std::string& field) {
  if (!exists(where)) return vault::no_store(where);
  DSO_TRY(const UniqueFd lock, vault::lock_store(where));
  DSO_TRY(vault::OpenStore store, vault::open_store(where, passphrase));
  DSO_CHECK(vault::remove_value(store.content, name, field, unix_ms()));
  return vault::save_store(where, store.header, store.key, store.content);
}

}  // namespace dso
