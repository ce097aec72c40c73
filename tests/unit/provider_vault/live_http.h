// Real HTTPS for tests against a real Vault: one HTTP/1.0 request a connection, by OpenSSL's BIO, verified against VAULT_CACERT.
#pragma once
#include <openssl/ssl.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "sdk_provider/fake_host.h"

namespace fake {

inline Response live_http(const Request& r) {
  const std::size_t host_at = r.url.find("://") + 3, path_at = r.url.find('/', host_at);
  const std::string host = r.url.substr(host_at, path_at - host_at);
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (SSL_CTX_load_verify_file(context.get(), std::getenv("VAULT_CACERT")) != 1) throw std::runtime_error("VAULT_CACERT");
  if (const char* cert = std::getenv("VAULT_CLIENT_CERT"), *key = std::getenv("VAULT_CLIENT_KEY"); cert && key)
    if (SSL_CTX_use_certificate_chain_file(context.get(), cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), key, SSL_FILETYPE_PEM) != 1)
      throw std::runtime_error("VAULT_CLIENT_CERT");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  std::unique_ptr<BIO, decltype(&BIO_free_all)> io(BIO_new_ssl_connect(context.get()), BIO_free_all);
  BIO_set_conn_hostname(io.get(), host.c_str());
  if (BIO_do_connect(io.get()) != 1) return {.failure = DSO_E_NETWORK};

  std::string out = r.method + " " + r.url.substr(path_at) + " HTTP/1.0\r\nHost: " + host + "\r\n";
  for (const auto& [name, value] : r.headers) out += name + ": " + value + "\r\n";
  out += "Content-Length: " + std::to_string(r.body.size()) + "\r\n\r\n" + r.body;
  if (BIO_write(io.get(), out.data(), static_cast<int>(out.size())) != static_cast<int>(out.size()))
    return {.failure = DSO_E_NETWORK};

  std::string in;
  char buffer[4096];
  for (int n; (n = BIO_read(io.get(), buffer, sizeof buffer)) > 0;) in.append(buffer, static_cast<std::size_t>(n));
  const std::size_t body = in.find("\r\n\r\n");
  if (body == std::string::npos || in.size() < 12) return {.failure = DSO_E_NETWORK};
  return {.status = std::stoi(in.substr(9)), .body = in.substr(body + 4)};
}

}  // namespace fake
