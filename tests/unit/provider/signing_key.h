// A key pair of the test's own, as `openssl genpkey` makes one, and what it signs.
#pragma once
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dso::test {

class SigningKey {
 public:
  explicit SigningKey(const char* type = "ED25519") : key_(make(type), EVP_PKEY_free) {
    if (!key_) throw std::runtime_error("OpenSSL makes no such key");
  }
  std::string public_pem() const {
    return written([this](BIO* out) { PEM_write_bio_PUBKEY(out, key_.get()); });
  }
  std::string private_pem() const {
    return written([this](BIO* out) { PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  std::string sign(std::string_view content) const {
    std::string out(64, '\0');
    std::size_t size = out.size();
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                       reinterpret_cast<const unsigned char*>(content.data()), content.size()) != 1)
      throw std::runtime_error("OpenSSL does not sign");
    return out;
  }

 private:
  static EVP_PKEY* make(const std::string& type) {
    if (type == "P-256") return EVP_EC_gen("P-256");
    return EVP_PKEY_Q_keygen(nullptr, nullptr, type.c_str());
  }
  template <class Write>
  static std::string written(Write write) {
    const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
    write(out.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

}  // namespace dso::test
