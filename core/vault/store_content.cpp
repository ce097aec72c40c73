// The changes of a store's content.
#include "vault/store_content.h"

#include <algorithm>

#include "base/error.h"
#include "vault/store_names.h"

namespace dso::vault {
namespace {

template <class Secrets>
auto position(Secrets& secrets, std::string_view name) {
  return std::lower_bound(secrets.begin(), secrets.end(), name,
                          [](const StoredSecret& s, std::string_view n) { return s.name.compare(n) < 0; });
}

template <class Secrets>
auto find_in(Secrets& secrets, std::string_view name) -> decltype(&*secrets.begin()) {
  auto at = position(secrets, name);
  return at != secrets.end() && at->name == name ? &*at : nullptr;
}

bool equal_fields(const std::vector<StoredField>& a, const std::vector<StoredField>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const StoredField& x, const StoredField& y) { return x.name == y.name && x.value == y.value; });
}

void add_version(StoredSecret& secret, StoredVersion version) {
  secret.versions.push_back(std::move(version));
  if (secret.versions.size() > kKeptVersions)
    secret.versions.erase(secret.versions.begin(), secret.versions.end() - kKeptVersions);
}

Error no_such_field(const StoredSecret& secret, const std::string& field) {
  std::vector<std::string> names;
  std::string listed;
  for (const StoredField& f : secret.current().fields) {
    names.push_back(f.name);
    listed += (listed.empty() ? "'" : ", '") + f.name + "'";
  }
  const std::string similar = similar_name(field, names);
  return make_error(ErrorClass::not_found, "Cannot find the field '" + field + "' of secret '" + secret.name + "'",
                    "its fields are " + listed, similar.empty() ? "" : "Did you mean '" + similar + "'?");
}

/// What a change of `secret` (none yet: nullptr) begins with.
StoredVersion next_version(const StoreContent& content, const StoredSecret* secret, bool keep_fields, std::int64_t now_ms) {
  StoredVersion next{content.version_floor + 1, now_ms, {}};
  if (secret) {
    next.number = secret->current().number + 1;
    if (keep_fields) next.fields = secret->current().fields;
  }
  return next;
}

void put_field(StoredVersion& version, const std::string& name, std::string_view value) {
  auto old = std::find_if(version.fields.begin(), version.fields.end(), [&](const StoredField& f) { return f.name == name; });
  if (old != version.fields.end())
    old->value = value;
  else
    version.fields.push_back({name, value});
}

Change add_change(StoreContent& content, StoredSecret* secret, const std::string& name, StoredVersion next) {
  if (secret && equal_fields(secret->current().fields, next.fields)) return Change{secret->current().number, false};
  const std::uint64_t number = next.number;
  if (!secret) secret = &*content.secrets.insert(position(content.secrets, name), StoredSecret{name, {}});
  add_version(*secret, std::move(next));
  return Change{number, true};
}

Error other_values(const std::string& name, const std::string& fields) {
  return make_error(ErrorClass::invalid_request, "Cannot store the fields of secret '" + name + "'",
                    "it has other values in " + fields + " already",
                    "--force replaces them; the present version is kept behind.");
}

const StoredVersion* find_version(const StoredSecret& secret, const std::string& version) {
  if (version.empty()) return &secret.current();
  for (const StoredVersion& v : secret.versions)
    if (std::to_string(v.number) == version) return &v;
  return nullptr;
}

Error no_such_version(const StoredSecret& secret, const std::string& version) {
  std::string kept;
  for (const StoredVersion& v : secret.versions) kept += (kept.empty() ? "" : ", ") + std::to_string(v.number);
  return make_error(ErrorClass::version_not_found, "Cannot find version '" + version + "' of secret '" + secret.name + "'",
                    "the local store keeps the last " + std::to_string(kKeptVersions) + " versions of a secret, here " + kept);
}

}  // namespace

const StoredSecret* StoreContent::find(std::string_view name) const {
  return find_in(secrets, name);
}
StoredSecret* StoreContent::find(std::string_view name) {
  return find_in(secrets, name);
}

std::vector<std::string> StoreContent::names() const {
  std::vector<std::string> out;
  out.reserve(secrets.size());
  for (const StoredSecret& s : secrets) out.push_back(s.name);
  return out;
}

Result<Change> set_value(StoreContent& content, const std::string& name, const std::string& field, std::string_view value,
                         std::int64_t now_ms) {
  DSO_CHECK(check_secret_name(name));
  if (!field.empty()) DSO_CHECK(check_field_name(field));
  DSO_CHECK(check_value_size(name, value.size()));

  StoredSecret* secret = content.find(name);
  StoredVersion next = next_version(content, secret, !field.empty(), now_ms);
  put_field(next, field.empty() ? "value" : field, value);
  return add_change(content, secret, name, std::move(next));
}

Result<Change> set_fields(StoreContent& content, const std::string& name, const std::vector<StoredField>& fields, bool replace,
                          std::int64_t now_ms) {
  DSO_CHECK(check_secret_name(name));
  StoredSecret* secret = content.find(name);
  std::string others;
  for (const StoredField& f : fields) {
    DSO_CHECK(check_field_name(f.name));
    DSO_CHECK(check_value_size(name + "#" + f.name, f.value.size()));
    if (!secret || replace) continue;
    for (const StoredField& had : secret->current().fields)
      if (had.name == f.name && had.value != f.value) others += (others.empty() ? "'" : ", '") + f.name + "'";
  }
  if (!others.empty()) return other_values(name, others);
  StoredVersion next = next_version(content, secret, true, now_ms);
  for (const StoredField& f : fields) put_field(next, f.name, f.value);
  return add_change(content, secret, name, std::move(next));
}

Result<void> remove_value(StoreContent& content, const std::string& name, const std::string& field, std::int64_t now_ms) {
  StoredSecret* secret = content.find(name);
  if (!secret) return no_such_secret(content.names(), name);
  StoredVersion next{secret->current().number + 1, now_ms, secret->current().fields};
  if (!field.empty() && std::erase_if(next.fields, [&](const StoredField& f) { return f.name == field; }) == 0)
    return no_such_field(*secret, field);
  if (field.empty() || next.fields.empty()) {
    content.version_floor = std::max(content.version_floor, secret->current().number);
    content.secrets.erase(position(content.secrets, name));
  } else {
    add_version(*secret, std::move(next));
  }
  return {};
}

Result<SecretValue> get_value(const StoreContent& content, const std::string& name, const std::string& version) {
  const StoredSecret* secret = content.find(name);
  if (!secret) return no_such_secret(content.names(), name);
  const StoredVersion* found = find_version(*secret, version);
  if (!found) return no_such_version(*secret, version);
  SecretValue value{name, std::to_string(found->number), {}};
  for (const StoredField& f : found->fields) value.fields.push_back({f.name, SecretBytes::copy_of(f.value)});
  return value;
}

Error no_such_secret(const std::vector<std::string>& names, const std::string& name) {
  const std::string similar = similar_name(name, names);
  return make_error(
      ErrorClass::not_found, "Cannot find secret '" + name + "'", "the local store has no secret of that name",
      (similar.empty() ? "" : "Did you mean '" + similar + "'? ") + ("Store it with `dso secret set " + name + "`."));
}

}  // namespace dso::vault
