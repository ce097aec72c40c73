// What a store holds once decrypted, and its changes as plain functions: no I/O, no clock. Values are borrowed: from the
// decrypted buffer, or from the caller of a change; both must outlive the content.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/secret.h"

namespace dso::vault {

/// How many versions of a secret are kept; an older one is dropped with the change that makes a newer one.
inline constexpr std::size_t kKeptVersions = 5;

struct StoredField {
  std::string name;
  std::string_view value;
};
struct StoredVersion {
  std::uint64_t number = 0;
  std::int64_t changed_at_ms = 0;   ///< Since the epoch.
  std::vector<StoredField> fields;  ///< Never empty; in order of first setting.
};
struct StoredSecret {
  std::string name;
  std::vector<StoredVersion> versions;  ///< Oldest first, never empty; the last is the current one.
  const StoredVersion& current() const { return versions.back(); }
};
struct StoreContent {
  std::uint64_t version_floor = 0;    ///< A new secret starts above it, so that a removed and remade one never repeats a version.
  std::vector<StoredSecret> secrets;  ///< In order of name.

  const StoredSecret* find(std::string_view name) const;
  StoredSecret* find(std::string_view name);
  std::vector<std::string> names() const;
};

struct Change {
  std::uint64_t version = 0;
  bool changed = false;  ///< False: the value was equal, nothing is to be written.
};
/// `field` empty: the one field "value" replaces all fields. Names and sizes are checked here.
Result<Change> set_value(StoreContent& content, const std::string& name, const std::string& field, std::string_view value,
                         std::int64_t now_ms);
/// Several fields of one secret at once, as one version; other fields that it has stay. A field that is there with another value
/// is an error that names it (InvalidRequest), unless `replace`. `fields` may not be empty, nor name one twice.
Result<Change> set_fields(StoreContent& content, const std::string& name, const std::vector<StoredField>& fields, bool replace,
                          std::int64_t now_ms);
/// `field` empty: the whole secret with all its versions; the last field: the same. NotFound with a "Did you mean".
Result<void> remove_value(StoreContent& content, const std::string& name, const std::string& field, std::int64_t now_ms);

/// A copy of the current fields, or of one kept version. NotFound, VersionNotFound (with the versions that are kept).
Result<SecretValue> get_value(const StoreContent& content, const std::string& name, const std::string& version);

/// NotFound for a secret that is not there, with a "Did you mean" from `names` and the next step.
Error no_such_secret(const std::vector<std::string>& names, const std::string& name);

}  // namespace dso::vault
