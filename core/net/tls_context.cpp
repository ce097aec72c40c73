// Builds the SSL_CTX that every TLS connection of a client shares.
#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstdlib>

#include "base/trusted_file.h"

namespace dso {
namespace {

class Context final : public TlsContext {
 public:
  Context(SSL_CTX* ctx, std::string proxy) : ctx_(ctx), proxy_(std::move(proxy)) {}
  ~Context() override { SSL_CTX_free(ctx_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  SSL_CTX* native() const override { return ctx_; }
  const std::string& proxy() const override { return proxy_; }

 private:
  SSL_CTX* ctx_;
  const std::string proxy_;
};

/// Where the distributions keep their CAs: OpenSSL inside this binary only knows the folder of the host it was built on.
constexpr const char* kSystemBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",                   // older RHEL
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/ssl/cert.pem",                                  // BSD-like
};

/// A PEM file that TLS trusts or shows, how an error calls it, and what helps.
struct PemFile {
  std::string path, name, holds, next;
};

Error unusable(const PemFile& file, std::string cause, std::string next) {
  ERR_clear_error();
  return make_error(ErrorClass::tls, "Failed to load " + file.name + " '" + file.path + "'", std::move(cause), std::move(next));
}
Error no_pem(const PemFile& file) {
  return unusable(file, "it holds no " + file.holds + " in PEM form", file.next);
}

Result<UniqueFd> open_pem(const PemFile& file, FileUse use = FileUse::obeyed) {
  auto opened = open_trusted_file(file.path, file.name, use);
  if (opened.has_value()) return opened;
  const Error& e = opened.error();
  return unusable(file, e.cause, e.next.empty() ? file.next : e.next);
}

Result<void> trust_only(SSL_CTX* ctx, const PemFile& file) {
  DSO_TRY(const UniqueFd fd, open_pem(file));
  if (SSL_CTX_load_verify_file(ctx, name_of_opened(fd).c_str()) != 1) return no_pem(file);
  return {};
}

Result<void> load_authorities(SSL_CTX* ctx, const TlsOptions& options) {
  if (!options.ca_file.empty()) {
    DSO_CHECK(trust_only(
        ctx, {options.ca_file, "the CA file", "certificate", "Set ca_file to a readable PEM file with the CA's certificate."}));
    // whoever names one certificate means it, be it a root, an intermediate or the server's own
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
    return {};
  }
  if (const char* file = std::getenv("SSL_CERT_FILE"); file && *file)
    return trust_only(ctx, {file, "the CA file of SSL_CERT_FILE", "certificate", "Correct or unset SSL_CERT_FILE."});
  // A host without CAs is no error here: the handshake says so, and only if there is one.
  SSL_CTX_set_default_verify_paths(ctx);  // SSL_CERT_DIR too
  for (const char* bundle : kSystemBundles)
    if (access(bundle, R_OK) == 0 && SSL_CTX_load_verify_file(ctx, bundle) == 1) break;
  ERR_clear_error();
  return {};
}

Result<void> load_client_certificate(SSL_CTX* ctx, const TlsOptions& options) {
  if (options.client_cert.empty() && options.client_key.empty()) return {};
  if (options.client_cert.empty() || options.client_key.empty())
    return make_error(ErrorClass::tls, "Failed to set up TLS", "client_cert and client_key belong together",
                      "Set both, or none.");
  // An encrypted key must be an error, not a prompt on the agent's terminal.
  SSL_CTX_set_default_passwd_cb(ctx, [](char*, int, int, void*) { return 0; });
  const PemFile cert{options.client_cert, "the client certificate", "certificate", "Set client_cert to a readable PEM file."};
  const PemFile key{options.client_key, "the client key", "usable private key (unencrypted)",
                    "Set client_key to a readable PEM file without a passphrase."};
  DSO_TRY(const UniqueFd cert_fd, open_pem(cert));
  if (SSL_CTX_use_certificate_chain_file(ctx, name_of_opened(cert_fd).c_str()) != 1) return no_pem(cert);
  DSO_TRY(const UniqueFd key_fd, open_pem(key, FileUse::private_key));
  if (SSL_CTX_use_PrivateKey_file(ctx, name_of_opened(key_fd).c_str(), SSL_FILETYPE_PEM) == 1) return {};
  const unsigned long reason = ERR_peek_last_error();
  if (ERR_GET_LIB(reason) == ERR_LIB_X509 || ERR_GET_REASON(reason) == X509_R_KEY_VALUES_MISMATCH)
    return unusable(key, "it does not belong to the certificate '" + options.client_cert + "'",
                    "Set client_cert and client_key to a pair.");
  return no_pem(key);
}

}  // namespace

std::string system_authorities() {
  if (const char* file = std::getenv("SSL_CERT_FILE"); file && *file) return file;
  for (const char* bundle : kSystemBundles)
    if (access(bundle, R_OK) == 0) return bundle;
  return {};
}

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsOptions& options) {
  ERR_clear_error();
  SSL_CTX* ctx = SSL_CTX_new(TLS_client_method());
  if (!ctx) return make_error(ErrorClass::tls, "Failed to set up TLS", "OpenSSL gave no context");
  auto owner = std::make_shared<Context>(ctx, options.proxy);
  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_options(ctx, SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
  DSO_CHECK(load_authorities(ctx, options));
  DSO_CHECK(load_client_certificate(ctx, options));
  return std::shared_ptr<const TlsContext>(std::move(owner));
}

}  // namespace dso
