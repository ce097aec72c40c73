// Certificates for tests, made with OpenSSL: a CA, and leaves for a name, an address, or a time that has passed.
#pragma once
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>

namespace dso::test {

struct KeyDeleter {
  void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); }
  void operator()(X509* c) const { X509_free(c); }
};

struct Certificate {
  std::unique_ptr<EVP_PKEY, KeyDeleter> key;
  std::unique_ptr<X509, KeyDeleter> cert;

  void write(const std::string& cert_file, const std::string& key_file) const {
    FILE* f = fopen(cert_file.c_str(), "w");
    BOOST_REQUIRE(f && PEM_write_X509(f, cert.get()) == 1);
    BOOST_REQUIRE(fclose(f) == 0);
    f = fopen(key_file.c_str(), "w");
    BOOST_REQUIRE(f && PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    BOOST_REQUIRE(fclose(f) == 0);
    BOOST_REQUIRE(chmod(key_file.c_str(), 0600) == 0);
  }
};

/// `names` as OpenSSL takes them: "DNS:localhost,IP:127.0.0.1"; empty: a CA. Valid from `from` to `to` seconds from now.
inline Certificate make_certificate(const std::string& common_name, const std::string& names, const Certificate* issuer,
                                    long from = -3600, long to = 3600) {
  static long serial = 1;
  Certificate c;
  c.key.reset(EVP_EC_gen("P-256"));
  c.cert.reset(X509_new());
  BOOST_REQUIRE(c.key && c.cert);
  X509_set_version(c.cert.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(c.cert.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(c.cert.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(c.cert.get()), to);
  X509_set_pubkey(c.cert.get(), c.key.get());
  X509_NAME* name = X509_get_subject_name(c.cert.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  const Certificate& by = issuer ? *issuer : c;
  X509_set_issuer_name(c.cert.get(), X509_get_subject_name(by.cert.get()));
  const auto extend = [&](int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, by.cert.get(), c.cert.get(), nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    BOOST_REQUIRE(extension != nullptr);
    X509_add_ext(c.cert.get(), extension, -1);
    X509_EXTENSION_free(extension);
  };
  if (names.empty())
    extend(NID_basic_constraints, "critical,CA:TRUE");
  else
    extend(NID_subject_alt_name, names);
  BOOST_REQUIRE(X509_sign(c.cert.get(), by.key.get(), EVP_sha256()) > 0);
  return c;
}

}  // namespace dso::test
