// Hashes against known vectors; signatures against OpenSSL's own verification.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <boost/test/unit_test.hpp>

#include "dso/provider.h"
#include "provider/crypto.h"

using namespace dso;

BOOST_AUTO_TEST_SUITE(provider_crypto)

namespace {

std::string hex(const Digest256& d) {
  static const char* digits = "0123456789abcdef";
  std::string out;
  for (unsigned char c : d) {
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  return out;
}

struct KeyPair {
  EVP_PKEY* key;
  std::string pem;
  explicit KeyPair(EVP_PKEY* k) : key(k) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    pem.assign(data, static_cast<std::size_t>(size));
    BIO_free(bio);
  }
  ~KeyPair() { EVP_PKEY_free(key); }
  bool verifies(std::string_view data, std::string_view signature, bool pss) const {
    EVP_MD_CTX* c = EVP_MD_CTX_new();
    EVP_PKEY_CTX* o = nullptr;
    bool good = EVP_DigestVerifyInit(c, &o, EVP_sha256(), nullptr, key) == 1;
    if (pss)
      good = good && EVP_PKEY_CTX_set_rsa_padding(o, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(o, RSA_PSS_SALTLEN_DIGEST) == 1;
    good = good && EVP_DigestVerify(c, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                    reinterpret_cast<const unsigned char*>(data.data()), data.size()) == 1;
    EVP_MD_CTX_free(c);
    return good;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(known_vectors) {
  BOOST_TEST(hex(sha256_raw("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, case 2
  BOOST_TEST(hex(hmac_sha256_raw("Jefe", "what do ya want for nothing?")) ==
             "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  BOOST_TEST(hex(hmac_sha256_raw("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

BOOST_AUTO_TEST_CASE(signatures_verify) {
  const KeyPair pair(EVP_RSA_gen(2048));
  const auto rs = sign_with_key(DSO_SIGN_RS256, pair.pem, "header.payload");
  BOOST_REQUIRE(rs.has_value());
  BOOST_TEST(pair.verifies("header.payload", view(*rs), false));
  const auto ps = sign_with_key(DSO_SIGN_PS256, pair.pem, "header.payload");
  BOOST_REQUIRE(ps.has_value());
  BOOST_TEST(pair.verifies("header.payload", view(*ps), true));
  BOOST_TEST(!pair.verifies("header.payload2", view(*ps), true));
}

BOOST_AUTO_TEST_CASE(bad_keys_are_refused_and_never_quoted) {
  const auto refused = sign_with_key(DSO_SIGN_RS256, "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n", "x");
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().cls == ErrorClass::invalid_credentials));
  BOOST_TEST(render(refused.error()).find("s3cret") == std::string::npos);
  BOOST_TEST(sign_with_key(DSO_SIGN_RS256, KeyPair(EVP_RSA_gen(1024)).pem, "x").has_error());
  BOOST_TEST(sign_with_key(DSO_SIGN_RS256, KeyPair(EVP_EC_gen("P-256")).pem, "x").has_error());
  BOOST_TEST((sign_with_key(3, "", "x").error().cls == ErrorClass::unsupported));
}

BOOST_AUTO_TEST_SUITE_END()
