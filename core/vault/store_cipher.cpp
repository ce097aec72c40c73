// Key derivation and the two directions of AES-256-GCM.
#include "vault/store_cipher.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>

#include "base/error.h"

namespace dso::vault {
namespace {

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes the key schedule
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

struct FreeAlgorithm {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
/// Asked for by name: what EVP_aes_256_gcm() gives would bring OpenSSL's older interface into the binary, 37 KB. Null: no memory.
std::unique_ptr<EVP_CIPHER, FreeAlgorithm> aes_256_gcm() {
  return std::unique_ptr<EVP_CIPHER, FreeAlgorithm>(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
}

Error openssl_failed(std::string what) {
  return make_error(ErrorClass::internal, "", "OpenSSL: " + std::move(what) + " failed");
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(char* data) {
  return reinterpret_cast<unsigned char*>(data);
}

template <std::size_t N>
bool fill_random(std::array<char, N>& to) {
  return RAND_bytes(bytes(to.data()), static_cast<int>(N)) == 1;
}

/// One key a purpose, so that the check value in the clear says nothing about the cipher's key.
Result<StoreKey> split_key(const SecretBytes& root) {
  const auto derive = [&root](std::string_view purpose, SecretBuffer& out) {
    out.resize(kKeyBytes);
    unsigned int size = 0;
    return HMAC(EVP_sha256(), root.reveal().data(), static_cast<int>(root.size()), bytes(purpose), purpose.size(),
                bytes(out.data()), &size) != nullptr;
  };
  SecretBuffer cipher_key, check;
  if (!derive("dso local store 1: cipher", cipher_key) || !derive("dso local store 1: check", check))
    return openssl_failed("HMAC");
  StoreKey key;
  key.cipher_key = SecretBytes(std::move(cipher_key));
  std::copy_n(check.begin(), key.check.size(), key.check.begin());
  return key;
}

}  // namespace

Result<SecretBytes> random_key() {
  SecretBuffer key(kKeyBytes);
  if (RAND_priv_bytes(bytes(key.data()), static_cast<int>(key.size())) != 1) return openssl_failed("RAND_priv_bytes");
  return SecretBytes(std::move(key));
}

Result<ScryptParameters> new_scrypt_parameters() {
  ScryptParameters parameters;
  if (!fill_random(parameters.salt)) return openssl_failed("RAND_bytes");
  return parameters;
}

Result<StoreKey> key_from_file_bytes(const SecretBytes& secret) {
  return split_key(secret);
}

Result<StoreKey> key_from_passphrase(const SecretBytes& passphrase, const ScryptParameters& s) {
  constexpr std::uint64_t kMaxMemory = 512 * 1024 * 1024;  // above what decode_header() lets through
  SecretBuffer root(kKeyBytes);
  if (EVP_PBE_scrypt(passphrase.reveal().data(), passphrase.size(), bytes(std::string_view(s.salt.data(), s.salt.size())),
                     s.salt.size(), std::uint64_t{1} << s.log2_n, s.r, s.p, kMaxMemory, bytes(root.data()), root.size()) != 1)
    return openssl_failed("scrypt");
  return split_key(SecretBytes(std::move(root)));
}

Result<std::string> seal(StoreHeader header, const StoreKey& key, std::string_view plain) {
  header.key_check = key.check;
  header.content_bytes = plain.size();
  if (!fill_random(header.nonce)) return openssl_failed("RAND_bytes");
  std::string file = encode_header(header);
  file.resize(kHeaderBytes + plain.size() + kTagBytes);
  unsigned char* const out = bytes(file.data() + kHeaderBytes);
  const CipherContext context(EVP_CIPHER_CTX_new());
  const auto cipher = aes_256_gcm();
  int n = 0;
  if (!context || !cipher ||
      EVP_EncryptInit_ex(context.get(), cipher.get(), nullptr, bytes(key.cipher_key.reveal()),
                         bytes(std::string_view(header.nonce.data(), header.nonce.size()))) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &n, bytes(file), kHeaderBytes) != 1 ||
      EVP_EncryptUpdate(context.get(), out, &n, bytes(plain), static_cast<int>(plain.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), out + n, &n) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out + plain.size()) != 1)
    return openssl_failed("AES-256-GCM");
  return file;
}

Result<SecretBuffer> unseal(const StoreHeader& header, const StoreKey& key, std::string_view file, const std::string& key_file) {
  if (header.key_check != key.check) {
    const bool file_key = header.key_source == KeySource::key_file;
    return make_error(file_key ? ErrorClass::decrypt_failed : ErrorClass::invalid_credentials, "",
                      file_key ? "its key file '" + key_file + "' holds another store's key (or the store's header is damaged)"
                               : "the passphrase is wrong (or the store's header is damaged)",
                      file_key ? "Put back the key file that belongs to it. Nothing was changed." : "Nothing was changed.");
  }
  const std::string_view sealed = file.substr(kHeaderBytes, header.content_bytes);
  std::array<char, kTagBytes> tag{};
  std::ranges::copy(file.substr(kHeaderBytes + header.content_bytes, kTagBytes), tag.begin());
  SecretBuffer plain(sealed.size());
  const CipherContext context(EVP_CIPHER_CTX_new());
  const auto cipher = aes_256_gcm();
  int n = 0;
  if (!context || !cipher ||
      EVP_DecryptInit_ex(context.get(), cipher.get(), nullptr, bytes(key.cipher_key.reveal()),
                         bytes(std::string_view(header.nonce.data(), header.nonce.size()))) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &n, bytes(file), kHeaderBytes) != 1 ||
      EVP_DecryptUpdate(context.get(), bytes(plain.data()), &n, bytes(sealed), static_cast<int>(sealed.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1)
    return openssl_failed("AES-256-GCM");
  unsigned char nothing[16];
  if (EVP_DecryptFinal_ex(context.get(), nothing, &n) != 1)
    return make_error(ErrorClass::store_corrupt, "", "it is damaged: its bytes are not the ones that were written",
                      "Nothing was changed. Restore the file from a backup.");
  return plain;
}

}  // namespace dso::vault
