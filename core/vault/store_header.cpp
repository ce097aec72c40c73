// Reading is distrustful: the file may come from anywhere, and nothing is authenticated before the key is derived.
#include "vault/store_header.h"

#include <algorithm>

#include "base/error.h"
#include "vault/little_endian.h"
#include "vault/store_codec.h"

namespace dso::vault {
namespace {

constexpr std::string_view kMagic = "DSOSTORE";
constexpr std::uint8_t kCipherAes256Gcm = 1;

Error damaged_file(std::string cause) {
  return make_error(ErrorClass::store_corrupt, "", std::move(cause), "Nothing was changed. Restore the file from a backup.");
}

template <std::size_t N>
void read_into(std::array<char, N>& to, ByteReader& in) {
  std::ranges::copy(in.bytes(N), to.begin());
}

/// A header from elsewhere must not ask for gigabytes or minutes, nor for so little that guessing gets cheap.
bool acceptable(const ScryptParameters& s) {
  if (s.log2_n < 14 || s.log2_n > 20 || s.r < 1 || s.r > 16 || s.p < 1 || s.p > 4) return false;
  return (std::uint64_t{128} << s.log2_n) * s.r <= 256 * 1024 * 1024;
}

Result<void> check_key_source(const StoreHeader& header, std::uint8_t cipher) {
  if (cipher != kCipherAes256Gcm) return damaged_file("its header is damaged_file: unknown cipher " + std::to_string(cipher));
  if (header.key_source == KeySource::scrypt)
    return acceptable(header.scrypt) ? Result<void>()
                                     : damaged_file("its header is damaged_file: scrypt parameters out of range");
  if (header.key_source != KeySource::key_file)
    return damaged_file("its header is damaged_file: unknown key source " + std::to_string(static_cast<int>(header.key_source)));
  return header.scrypt == ScryptParameters{0, 0, 0, {}}
             ? Result<void>()
             : damaged_file("its header is damaged_file: scrypt parameters with a key file");
}

Result<void> check_length(const StoreHeader& header, std::size_t file_bytes) {
  if (header.content_bytes > kMaxStoreBytes)
    return damaged_file("its header is damaged_file: a content of " + std::to_string(header.content_bytes) + " bytes");
  const std::size_t whole = kHeaderBytes + header.content_bytes + kTagBytes;
  if (file_bytes < whole)
    return damaged_file("it is truncated: " + std::to_string(file_bytes) + " of " + std::to_string(whole) + " bytes");
  if (file_bytes > whole)
    return damaged_file("it is damaged_file: " + std::to_string(file_bytes - whole) + " bytes after its end");
  return {};
}

}  // namespace

std::string encode_header(const StoreHeader& h) {
  std::string out(kMagic);
  put(out, kFormatVersion);
  put(out, kCipherAes256Gcm);
  put(out, static_cast<std::uint8_t>(h.key_source));
  put(out, h.scrypt.log2_n);
  put(out, h.scrypt.r);
  put(out, h.scrypt.p);
  put_bytes(out, {h.scrypt.salt.data(), h.scrypt.salt.size()});
  put_bytes(out, {h.key_check.data(), h.key_check.size()});
  put_bytes(out, {h.nonce.data(), h.nonce.size()});
  put(out, h.content_bytes);
  put(out, std::uint32_t{0});  // reserved
  return out;
}

Result<StoreHeader> decode_header(std::string_view file) {
  ByteReader in(file);
  const std::string_view magic = in.bytes(kMagic.size());
  if (in.failed()) return damaged_file("it is truncated: " + std::to_string(file.size()) + " bytes are no store");
  if (magic != kMagic) return damaged_file("it is not a DSO store, or its header is damaged_file");
  const auto format = in.number<std::uint16_t>();
  if (!in.failed() && format > kFormatVersion)
    return make_error(
        ErrorClass::unsupported, "",
        "it has format " + std::to_string(format) + ", this version of DSO reads format " + std::to_string(kFormatVersion),
        "Upgrade DSO. Nothing was changed.");
  const auto cipher = in.number<std::uint8_t>();
  StoreHeader h;
  h.key_source = static_cast<KeySource>(in.number<std::uint8_t>());
  h.scrypt.log2_n = in.number<std::uint32_t>();
  h.scrypt.r = in.number<std::uint32_t>();
  h.scrypt.p = in.number<std::uint32_t>();
  read_into(h.scrypt.salt, in);
  read_into(h.key_check, in);
  read_into(h.nonce, in);
  h.content_bytes = in.number<std::uint64_t>();
  const auto reserved = in.number<std::uint32_t>();
  if (in.failed())
    return damaged_file("it is truncated: " + std::to_string(file.size()) + " bytes, the header alone has " +
                        std::to_string(kHeaderBytes));
  if (format == 0 || reserved != 0) return damaged_file("its header is damaged_file");
  DSO_CHECK(check_key_source(h, cipher));
  DSO_CHECK(check_length(h, file.size()));
  return h;
}

}  // namespace dso::vault
