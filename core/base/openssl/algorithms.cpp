// Which of OpenSSL's algorithms are linked in: what TLS 1.2 and 1.3, the local store and the signatures of providers need. This
// stands in place of OpenSSL's own default provider, whose list names all that there is: ARIA, Camellia, SM2 to SM4, BLAKE2, DSA,
// whatever writes keys. In a static binary that is 740 KB, and code that a mistake could reach.
//
// The functions and tables named here are OpenSSL's own, inside libcrypto.a; names and numbers of algorithms are those of
// `openssl list -all-algorithms` (3.0). Who looks for an algorithm that is not here hears "unsupported", as of an unknown one.
#include <openssl/bio.h>
#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <initializer_list>

extern "C" {
extern const OSSL_DISPATCH ossl_sha1_functions[], ossl_sha224_functions[], ossl_sha256_functions[], ossl_sha384_functions[],
    ossl_sha512_functions[], ossl_md5_functions[], ossl_md5_sha1_functions[], ossl_nullmd_functions[], ossl_null_functions[],
    ossl_aes128ecb_functions[], ossl_aes192ecb_functions[], ossl_aes256ecb_functions[], ossl_aes128cbc_functions[],
    ossl_aes256cbc_functions[], ossl_aes128ctr_functions[], ossl_aes192ctr_functions[], ossl_aes256ctr_functions[],
    ossl_aes128gcm_functions[], ossl_aes256gcm_functions[], ossl_aes128ccm_functions[], ossl_aes256ccm_functions[],
    ossl_chacha20_ossl_poly1305_functions[], ossl_hmac_functions[], ossl_kdf_hkdf_functions[], ossl_kdf_tls1_3_kdf_functions[],
    ossl_kdf_pbkdf2_functions[], ossl_kdf_tls1_prf_functions[], ossl_kdf_scrypt_functions[], ossl_dh_keyexch_functions[],
    ossl_x25519_keyexch_functions[], ossl_ecdh_keyexch_functions[], ossl_kdf_tls1_prf_keyexch_functions[],
    ossl_kdf_hkdf_keyexch_functions[], ossl_drbg_ctr_functions[], ossl_seed_src_functions[], ossl_rsa_signature_functions[],
    ossl_ed25519_signature_functions[], ossl_ecdsa_signature_functions[], ossl_mac_legacy_hmac_signature_functions[],
    ossl_rsa_asym_cipher_functions[], ossl_dh_keymgmt_functions[], ossl_rsa_keymgmt_functions[], ossl_rsapss_keymgmt_functions[],
    ossl_ec_keymgmt_functions[], ossl_x25519_keymgmt_functions[], ossl_ed25519_keymgmt_functions[], ossl_kdf_keymgmt_functions[],
    ossl_mac_legacy_keymgmt_functions[], ossl_PrivateKeyInfo_der_to_rsa_decoder_functions[],
    ossl_SubjectPublicKeyInfo_der_to_rsa_decoder_functions[], ossl_type_specific_keypair_der_to_rsa_decoder_functions[],
    ossl_RSA_der_to_rsa_decoder_functions[], ossl_PrivateKeyInfo_der_to_rsapss_decoder_functions[],
    ossl_SubjectPublicKeyInfo_der_to_rsapss_decoder_functions[], ossl_PrivateKeyInfo_der_to_ec_decoder_functions[],
    ossl_SubjectPublicKeyInfo_der_to_ec_decoder_functions[], ossl_type_specific_no_pub_der_to_ec_decoder_functions[],
    ossl_EC_der_to_ec_decoder_functions[], ossl_PrivateKeyInfo_der_to_ed25519_decoder_functions[],
    ossl_SubjectPublicKeyInfo_der_to_ed25519_decoder_functions[], ossl_SubjectPublicKeyInfo_der_to_der_decoder_functions[],
    ossl_pem_to_der_decoder_functions[];

int ossl_prov_bio_from_dispatch(const OSSL_DISPATCH*);
int ossl_prov_seeding_from_dispatch(const OSSL_DISPATCH*);
BIO_METHOD* ossl_bio_prov_init_bio_method();
void* ossl_prov_ctx_new();
void ossl_prov_ctx_free(void*);
void ossl_prov_ctx_set0_libctx(void*, OSSL_LIB_CTX*);
void ossl_prov_ctx_set0_handle(void*, const OSSL_CORE_HANDLE*);
void ossl_prov_ctx_set0_core_bio_method(void*, BIO_METHOD*);
BIO_METHOD* ossl_prov_ctx_get0_core_bio_method(void*);
int ossl_prov_get_capabilities(void*, const char*, OSSL_CALLBACK*, void*);

// what is defined here in OpenSSL's place
OSSL_provider_init_fn ossl_default_provider_init, ossl_base_provider_init;
void openssl_add_all_ciphers_int();
void openssl_add_all_digests_int();
}

namespace {

constexpr const char* kRsa = "RSA:rsaEncryption:1.2.840.113549.1.1.1";
constexpr const char* kRsaPss = "RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10";
constexpr const char* kEc = "EC:id-ecPublicKey:1.2.840.10045.2.1";
constexpr const char* kX25519 = "X25519:1.3.101.110";
constexpr const char* kEd25519 = "ED25519:1.3.101.112";
constexpr const char* kDh = "DH:dhKeyAgreement:1.2.840.113549.1.3.1";

constexpr OSSL_ALGORITHM named(const char* names, const OSSL_DISPATCH* functions) {
  return {names, "provider=default", functions, nullptr};
}
constexpr OSSL_ALGORITHM pkcs8(const char* names, const OSSL_DISPATCH* functions) {
  return {names, "provider=default,fips=yes,input=der,structure=PrivateKeyInfo", functions, nullptr};
}
constexpr OSSL_ALGORITHM spki(const char* names, const OSSL_DISPATCH* functions) {
  return {names, "provider=default,fips=yes,input=der,structure=SubjectPublicKeyInfo", functions, nullptr};
}
constexpr OSSL_ALGORITHM type_specific(const char* names, const OSSL_DISPATCH* functions) {
  return {names, "provider=default,fips=yes,input=der,structure=type-specific", functions, nullptr};
}
constexpr OSSL_ALGORITHM kEnd{nullptr, nullptr, nullptr, nullptr};

const OSSL_ALGORITHM kDigests[] = {named("SHA1:SHA-1:SSL3-SHA1:1.3.14.3.2.26", ossl_sha1_functions),
                                   named("SHA2-224:SHA-224:SHA224:2.16.840.1.101.3.4.2.4", ossl_sha224_functions),
                                   named("SHA2-256:SHA-256:SHA256:2.16.840.1.101.3.4.2.1", ossl_sha256_functions),
                                   named("SHA2-384:SHA-384:SHA384:2.16.840.1.101.3.4.2.2", ossl_sha384_functions),
                                   named("SHA2-512:SHA-512:SHA512:2.16.840.1.101.3.4.2.3", ossl_sha512_functions),
                                   named("MD5:SSL3-MD5:1.2.840.113549.2.5", ossl_md5_functions),
                                   named("MD5-SHA1", ossl_md5_sha1_functions),
                                   named("NULL", ossl_nullmd_functions),
                                   kEnd};

// ECB and CTR are for the random numbers.
const OSSL_ALGORITHM kCiphers[] = {named("NULL", ossl_null_functions),
                                   named("AES-256-ECB:2.16.840.1.101.3.4.1.41", ossl_aes256ecb_functions),
                                   named("AES-192-ECB:2.16.840.1.101.3.4.1.21", ossl_aes192ecb_functions),
                                   named("AES-128-ECB:2.16.840.1.101.3.4.1.1", ossl_aes128ecb_functions),
                                   named("AES-256-CTR", ossl_aes256ctr_functions),
                                   named("AES-192-CTR", ossl_aes192ctr_functions),
                                   named("AES-128-CTR", ossl_aes128ctr_functions),
                                   named("AES-256-CBC:AES256:2.16.840.1.101.3.4.1.42", ossl_aes256cbc_functions),
                                   named("AES-128-CBC:AES128:2.16.840.1.101.3.4.1.2", ossl_aes128cbc_functions),
                                   named("AES-256-GCM:id-aes256-GCM:2.16.840.1.101.3.4.1.46", ossl_aes256gcm_functions),
                                   named("AES-128-GCM:id-aes128-GCM:2.16.840.1.101.3.4.1.6", ossl_aes128gcm_functions),
                                   named("AES-256-CCM:id-aes256-CCM:2.16.840.1.101.3.4.1.47", ossl_aes256ccm_functions),
                                   named("AES-128-CCM:id-aes128-CCM:2.16.840.1.101.3.4.1.7", ossl_aes128ccm_functions),
                                   named("ChaCha20-Poly1305", ossl_chacha20_ossl_poly1305_functions),
                                   kEnd};

const OSSL_ALGORITHM kMacs[] = {named("HMAC", ossl_hmac_functions), kEnd};

const OSSL_ALGORITHM kDerivations[] = {named("HKDF", ossl_kdf_hkdf_functions),
                                       named("TLS13-KDF", ossl_kdf_tls1_3_kdf_functions),
                                       named("TLS1-PRF", ossl_kdf_tls1_prf_functions),
                                       named("PBKDF2:1.2.840.113549.1.5.12", ossl_kdf_pbkdf2_functions),
                                       named("SCRYPT:id-scrypt:1.3.6.1.4.1.11591.4.11", ossl_kdf_scrypt_functions),
                                       kEnd};

const OSSL_ALGORITHM kRandom[] = {named("CTR-DRBG", ossl_drbg_ctr_functions), named("SEED-SRC", ossl_seed_src_functions), kEnd};

const OSSL_ALGORITHM kExchanges[] = {
    named(kX25519, ossl_x25519_keyexch_functions),  named("ECDH", ossl_ecdh_keyexch_functions),
    named(kDh, ossl_dh_keyexch_functions),          named("TLS1-PRF", ossl_kdf_tls1_prf_keyexch_functions),
    named("HKDF", ossl_kdf_hkdf_keyexch_functions), kEnd};

const OSSL_ALGORITHM kSignatures[] = {named(kRsa, ossl_rsa_signature_functions), named("ECDSA", ossl_ecdsa_signature_functions),
                                      named(kEd25519, ossl_ed25519_signature_functions),
                                      named("HMAC", ossl_mac_legacy_hmac_signature_functions), kEnd};

const OSSL_ALGORITHM kAsymmetricCiphers[] = {named(kRsa, ossl_rsa_asym_cipher_functions), kEnd};

const OSSL_ALGORITHM kKeys[] = {named(kRsa, ossl_rsa_keymgmt_functions),
                                named(kRsaPss, ossl_rsapss_keymgmt_functions),
                                named(kEc, ossl_ec_keymgmt_functions),
                                named(kX25519, ossl_x25519_keymgmt_functions),
                                named(kEd25519, ossl_ed25519_keymgmt_functions),
                                named(kDh, ossl_dh_keymgmt_functions),
                                named("TLS1-PRF", ossl_kdf_keymgmt_functions),
                                named("HKDF", ossl_kdf_keymgmt_functions),
                                named("HMAC", ossl_mac_legacy_keymgmt_functions),
                                kEnd};

const OSSL_ALGORITHM kDecoders[] = {
    pkcs8(kRsa, ossl_PrivateKeyInfo_der_to_rsa_decoder_functions),
    spki(kRsa, ossl_SubjectPublicKeyInfo_der_to_rsa_decoder_functions),
    type_specific(kRsa, ossl_type_specific_keypair_der_to_rsa_decoder_functions),
    {kRsa, "provider=default,fips=yes,input=der,structure=rsa", ossl_RSA_der_to_rsa_decoder_functions, nullptr},
    pkcs8(kRsaPss, ossl_PrivateKeyInfo_der_to_rsapss_decoder_functions),
    spki(kRsaPss, ossl_SubjectPublicKeyInfo_der_to_rsapss_decoder_functions),
    pkcs8(kEc, ossl_PrivateKeyInfo_der_to_ec_decoder_functions),
    spki(kEc, ossl_SubjectPublicKeyInfo_der_to_ec_decoder_functions),
    type_specific(kEc, ossl_type_specific_no_pub_der_to_ec_decoder_functions),
    {kEc, "provider=default,fips=yes,input=der,structure=ec", ossl_EC_der_to_ec_decoder_functions, nullptr},
    pkcs8(kEd25519, ossl_PrivateKeyInfo_der_to_ed25519_decoder_functions),
    spki(kEd25519, ossl_SubjectPublicKeyInfo_der_to_ed25519_decoder_functions),
    spki("DER", ossl_SubjectPublicKeyInfo_der_to_der_decoder_functions),
    {"DER", "provider=default,fips=yes,input=pem", ossl_pem_to_der_decoder_functions, nullptr},
    kEnd};

const OSSL_ALGORITHM* algorithms_of(void*, int operation, int* no_cache) {
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_DIGEST: return kDigests;
    case OSSL_OP_CIPHER: return kCiphers;
    case OSSL_OP_MAC: return kMacs;
    case OSSL_OP_KDF: return kDerivations;
    case OSSL_OP_RAND: return kRandom;
    case OSSL_OP_KEYMGMT: return kKeys;
    case OSSL_OP_KEYEXCH: return kExchanges;
    case OSSL_OP_SIGNATURE: return kSignatures;
    case OSSL_OP_ASYM_CIPHER: return kAsymmetricCiphers;
    case OSSL_OP_DECODER: return kDecoders;
    default: return nullptr;
  }
}

void let_go(void* provider) {
  BIO_meth_free(ossl_prov_ctx_get0_core_bio_method(provider));
  ossl_prov_ctx_free(provider);
}

template <class F>
void (*erased(F* function))() {
  return reinterpret_cast<void (*)()>(function);
}

}  // namespace

int ossl_default_provider_init(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH* core, const OSSL_DISPATCH** functions,
                               void** provider) {
  static const OSSL_DISPATCH ours[] = {{OSSL_FUNC_PROVIDER_TEARDOWN, erased(let_go)},
                                       {OSSL_FUNC_PROVIDER_QUERY_OPERATION, erased(algorithms_of)},
                                       {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, erased(ossl_prov_get_capabilities)},
                                       {0, nullptr}};
  OSSL_FUNC_core_get_libctx_fn* get_libctx = nullptr;
  for (const OSSL_DISPATCH* f = core; f->function_id != 0; ++f)
    if (f->function_id == OSSL_FUNC_CORE_GET_LIBCTX) get_libctx = OSSL_FUNC_core_get_libctx(f);
  if (!get_libctx || ossl_prov_bio_from_dispatch(core) == 0 || ossl_prov_seeding_from_dispatch(core) == 0) return 0;
  BIO_METHOD* const bio = ossl_bio_prov_init_bio_method();
  void* const made = ossl_prov_ctx_new();
  if (!bio || !made) {
    BIO_meth_free(bio);
    ossl_prov_ctx_free(made);
    return 0;
  }
  ossl_prov_ctx_set0_libctx(made, reinterpret_cast<OSSL_LIB_CTX*>(get_libctx(handle)));
  ossl_prov_ctx_set0_handle(made, handle);
  ossl_prov_ctx_set0_core_bio_method(made, bio);
  *provider = made;
  *functions = ours;
  return 1;
}

/// Only who asks for it by its name would get it, and nobody does.
int ossl_base_provider_init(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH**, void**) {
  return 0;
}

/// Under the names from before there were providers.
void openssl_add_all_ciphers_int() {}
void openssl_add_all_digests_int() {
  for (const EVP_MD* digest : {EVP_sha1(), EVP_sha224(), EVP_sha256(), EVP_sha384(), EVP_sha512(), EVP_md5(), EVP_md5_sha1()})
    EVP_add_digest(digest);
}
