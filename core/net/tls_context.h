// What a TLS client trusts and shows: the system's CAs or one CA file, a client certificate, the least version 1.2.
#pragma once
#include <memory>
#include <string>

#include "base/result.h"

typedef struct ssl_ctx_st SSL_CTX;

namespace dso {

struct TlsOptions {
  std::string ca_file;      ///< PEM; empty: SSL_CERT_FILE or the system's.
  std::string client_cert;  ///< PEM files for mutual TLS; both or none.
  std::string client_key;
  std::string proxy;  ///< By which hosts are reached (byte_stream.h); empty: without one.
};

/// The file of CAs that a client without a CA file trusts: what SSL_CERT_FILE names, else the first of the places of the
/// distributions that can be read; "" for none.
std::string system_authorities();

class TlsContext {
 public:
  /// Files that others may write, and a key that others may read, are refused (base/trusted_file.h). The system's CAs are the
  /// host's.
  static Result<std::shared_ptr<const TlsContext>> make(const TlsOptions& options);
  virtual ~TlsContext() = default;
  virtual SSL_CTX* native() const = 0;
  virtual const std::string& proxy() const = 0;
};

}  // namespace dso
