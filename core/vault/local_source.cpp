// The local store as a SecretSource. Between polls only names and versions stay in memory: values are decrypted for a fetch
// and gone after it.
#include <sys/stat.h>

#include <map>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "logic/pinned_version.h"
#include "vault/store_file.h"

namespace dso {
namespace {

/// Tells a replaced file from the one that was read: every write renames a new file into place.
struct FileMark {
  ino_t inode = 0;
  off_t size = 0;
  timespec modified{}, changed{};
  static std::optional<FileMark> of(const std::string& path) {
    struct stat st {};
    if (stat(path.c_str(), &st) != 0) return std::nullopt;
    return FileMark{st.st_ino, st.st_size, st.st_mtim, st.st_ctim};
  }
  bool operator==(const FileMark& o) const {
    const auto same = [](const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; };
    return inode == o.inode && size == o.size && same(modified, o.modified) && same(changed, o.changed);
  }
};

Error read_interrupted() {
  return make_error(ErrorClass::interrupted, "Reading the local store was interrupted", {});
}

template <class T>
std::vector<Result<T>> all_failed(std::size_t count, const Error& error) {
  std::vector<Result<T>> out;
  for (std::size_t i = 0; i < count; ++i) out.emplace_back(error);
  return out;
}

class LocalSource final : public SecretSource {
 public:
  LocalSource(StoreLocation where, std::optional<SecretBytes> passphrase)
      : where_(std::move(where)), passphrase_(std::move(passphrase)) {}

  std::vector<Result<SecretValue>> fetch(std::span<const SecretRef> refs, const Deadline&, std::stop_token stop) override {
    if (stop.stop_requested()) return all_failed<SecretValue>(refs.size(), read_interrupted());
    std::lock_guard lock(mutex_);
    auto store = read();
    if (store.has_error()) return all_failed<SecretValue>(refs.size(), store.error());
    std::vector<Result<SecretValue>> out;
    for (const SecretRef& ref : refs) {
      const AskedRef asked = as_asked(ref);
      out.push_back(vault::get_value(store->content, std::string(asked.name), std::string(asked.version)));
      if (out.back().has_value()) out.back()->name = ref.name;
    }
    return out;
  }

  std::vector<Result<std::string>> versions(std::span<const SecretRef> refs, const Deadline&, std::stop_token stop) override {
    if (stop.stop_requested()) return all_failed<std::string>(refs.size(), read_interrupted());
    std::lock_guard lock(mutex_);
    if (auto done = refresh(); done.has_error()) return all_failed<std::string>(refs.size(), done.error());
    std::vector<Result<std::string>> out;
    for (const SecretRef& ref : refs) {
      if (!as_asked(ref).version.empty())
        out.emplace_back(make_error(ErrorClass::unsupported, "Only present versions are kept in memory", {}));
      else if (auto found = index_.find(ref.name); found != index_.end())
        out.emplace_back(found->second);
      else
        out.emplace_back(vault::no_such_secret(names(), ref.name));
    }
    return out;
  }

  Result<std::vector<std::string>> list(const Deadline&, std::stop_token stop) override {
    if (stop.stop_requested()) return read_interrupted();
    std::lock_guard lock(mutex_);
    DSO_CHECK(refresh());
    return names();
  }

  std::string identity() override {
    return LocalStore::needs_passphrase(where_) ? "passphrase" : "key file " + where_.key_file();
  }

 private:
  Result<vault::OpenStore> read() {
    const auto mark = FileMark::of(where_.data_file());  // before reading: a change in between is seen at the next poll
    mark_.reset();
    DSO_TRY(vault::OpenStore store, vault::open_store(where_, passphrase_, &cache_));
    index_.clear();
    for (const vault::StoredSecret& s : store.content.secrets) index_.emplace(s.name, std::to_string(s.current().number));
    mark_ = mark;
    return store;
  }
  Result<void> refresh() {
    const auto mark = FileMark::of(where_.data_file());
    if (mark && mark_ == mark) return {};
    DSO_CHECK(read());
    return {};
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& [name, version] : index_) out.push_back(name);
    return out;
  }

  const StoreLocation where_;
  const std::optional<SecretBytes> passphrase_;
  std::mutex mutex_;  // guards what follows
  std::optional<FileMark> mark_;
  std::map<std::string, std::string> index_;  // name -> current version
  vault::KeyCache cache_;
};

}  // namespace

std::unique_ptr<SecretSource> local_source(StoreLocation where, std::optional<SecretBytes> passphrase) {
  return std::make_unique<LocalSource>(std::move(where), std::move(passphrase));
}

}  // namespace dso
