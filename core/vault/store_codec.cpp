// Layout, numbers little-endian: u64 version floor, u32 secrets; a secret: u16+name, u8 versions; a version: u64 number,
// u64 time, u16 fields; a field: u16+name, u32+value.
#include "vault/store_codec.h"

#include "base/error.h"
#include "vault/little_endian.h"
#include "vault/store_names.h"

namespace dso::vault {
namespace {

constexpr std::size_t kMaxFields = 1024;

std::size_t encoded_size(const StoreContent& content) {
  std::size_t size = 8 + 4;
  for (const StoredSecret& s : content.secrets) {
    size += 2 + s.name.size() + 1;
    for (const StoredVersion& v : s.versions) {
      size += 8 + 8 + 2;
      for (const StoredField& f : v.fields) size += 2 + f.name.size() + 4 + f.value.size();
    }
  }
  return size;
}

Error damaged_content(std::string cause) {
  return make_error(ErrorClass::store_corrupt, "", "its content is damaged_content: " + std::move(cause));
}
Error too_large(std::string cause) {
  return make_error(ErrorClass::invalid_request, "", std::move(cause));
}

Result<StoredField> decode_field(ByteReader& in) {
  StoredField field;
  field.name = in.bytes(in.number<std::uint16_t>());
  field.value = in.bytes(in.number<std::uint32_t>());
  if (in.failed()) return damaged_content("it ends within a field");
  if (check_field_name(field.name).has_error()) return damaged_content("a field's name");
  if (field.value.size() > kMaxValueBytes) return damaged_content("a value is too large");
  return field;
}

Result<StoredVersion> decode_version(ByteReader& in) {
  StoredVersion version;
  version.number = in.number<std::uint64_t>();
  version.changed_at_ms = static_cast<std::int64_t>(in.number<std::uint64_t>());
  const auto count = in.number<std::uint16_t>();
  if (in.failed() || count == 0 || count > kMaxFields) return damaged_content("a number of fields");
  for (unsigned i = 0; i < count; ++i) {
    DSO_TRY(StoredField field, decode_field(in));
    for (const StoredField& before : version.fields)
      if (before.name == field.name) return damaged_content("a field is there twice");
    version.fields.push_back(std::move(field));
  }
  return version;
}

Result<StoredSecret> decode_secret(ByteReader& in) {
  StoredSecret secret;
  secret.name = in.bytes(in.number<std::uint16_t>());
  const auto count = in.number<std::uint8_t>();
  if (in.failed() || check_secret_name(secret.name).has_error()) return damaged_content("a secret's name");
  if (count == 0 || count > kKeptVersions) return damaged_content("a number of versions");
  for (unsigned i = 0; i < count; ++i) {
    DSO_TRY(StoredVersion version, decode_version(in));
    if (!secret.versions.empty() && version.number <= secret.versions.back().number)
      return damaged_content("the order of versions");
    secret.versions.push_back(std::move(version));
  }
  return secret;
}

}  // namespace

Result<SecretBuffer> encode_content(const StoreContent& content) {
  const std::size_t size = encoded_size(content);
  if (size > kMaxStoreBytes)
    return too_large("the store would grow to " + std::to_string(size) + " bytes, more than its limit of " +
                     std::to_string(kMaxStoreBytes) + " (64 MiB)");
  SecretBuffer out;
  out.reserve(size);  // so that no value is left behind in an outgrown buffer
  put(out, content.version_floor);
  put(out, static_cast<std::uint32_t>(content.secrets.size()));
  for (const StoredSecret& s : content.secrets) {
    put(out, static_cast<std::uint16_t>(s.name.size()));
    put_bytes(out, s.name);
    put(out, static_cast<std::uint8_t>(s.versions.size()));
    for (const StoredVersion& v : s.versions) {
      if (v.fields.size() > kMaxFields)
        return too_large("'" + s.name + "' would have more than " + std::to_string(kMaxFields) + " fields");
      put(out, v.number);
      put(out, static_cast<std::uint64_t>(v.changed_at_ms));
      put(out, static_cast<std::uint16_t>(v.fields.size()));
      for (const StoredField& f : v.fields) {
        put(out, static_cast<std::uint16_t>(f.name.size()));
        put_bytes(out, f.name);
        put(out, static_cast<std::uint32_t>(f.value.size()));
        put_bytes(out, f.value);
      }
    }
  }
  return out;
}

Result<StoreContent> decode_content(std::string_view bytes) {
  ByteReader in(bytes);
  StoreContent content;
  content.version_floor = in.number<std::uint64_t>();
  const auto count = in.number<std::uint32_t>();
  if (in.failed()) return damaged_content("it is too short");
  for (std::uint32_t i = 0; i < count; ++i) {
    DSO_TRY(StoredSecret secret, decode_secret(in));
    if (!content.secrets.empty() && secret.name <= content.secrets.back().name) return damaged_content("the order of names");
    content.secrets.push_back(std::move(secret));
  }
  if (in.left() != 0) return damaged_content("bytes after its end");
  return content;
}

}  // namespace dso::vault
