// Each OpenSSL object has one owner; OpenSSL's own error queue is emptied and never shown, since it may quote input.
#include "provider/crypto.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <stdexcept>

#include "dso/provider.h"
#include "provider/openssl_handles.h"

namespace dso {
namespace {

using namespace openssl;

Error failed(ErrorClass cls, std::string cause, std::string next = {}) {
  ERR_clear_error();
  Error e;
  e.cls = cls;
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

}  // namespace

Digest256 sha256_raw(std::string_view data) {
  Digest256 out;
  if (EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL: SHA-256 failed");
  return out;
}

Digest256 hmac_sha256_raw(std::string_view key, std::string_view data) {
  Digest256 out;
  const char none = 0;  // a null key would mean "the key of the last call"
  if (!HMAC(EVP_sha256(), key.empty() ? &none : key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(data.data()), data.size(), reinterpret_cast<unsigned char*>(out.data()),
            nullptr))
    throw std::runtime_error("OpenSSL: HMAC failed");
  return out;
}

Result<SecretBuffer> sign_with_key(std::int64_t algorithm, std::string_view pem_key, std::string_view data) {
  if (algorithm != DSO_SIGN_RS256 && algorithm != DSO_SIGN_PS256)
    return failed(ErrorClass::unsupported, "the host has no signing algorithm " + std::to_string(algorithm));
  const Bio bio(BIO_new_mem_buf(pem_key.data(), static_cast<int>(pem_key.size())));
  const Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!key)
    return failed(ErrorClass::invalid_credentials, "the private key cannot be read",
                  "It must be an unencrypted RSA key in PEM form.");
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key.get()) < 2048)
    return failed(ErrorClass::invalid_credentials, "the private key is not an RSA key of 2048 bits or more");

  const Context context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // the context's own
  bool good = context && EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, key.get()) == 1;
  if (good && algorithm == DSO_SIGN_PS256)
    good = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
  SecretBuffer signature(size);
  good = good && EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                                reinterpret_cast<const unsigned char*>(data.data()), data.size()) == 1;
  if (!good) return failed(ErrorClass::invalid_credentials, "signing with the private key failed");
  signature.resize(size);
  return signature;
}

}  // namespace dso
