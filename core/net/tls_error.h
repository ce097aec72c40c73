// What went wrong in TLS, in words with the next step. No I/O: from OpenSSL's codes and the certificate that failed.
#pragma once
#include <string>

#include "base/error.h"

typedef struct x509_store_ctx_st X509_STORE_CTX;

namespace dso {

/// Why a certificate was not accepted; code 0: it was.
struct VerifyFailure {
  long code = 0;      ///< X509_V_ERR_*
  std::string names;  ///< What the certificate is for: "a.example, 10.0.0.1".
  std::string issuer;
  std::string valid_from;  ///< As OpenSSL prints times; empty if unknown.
  std::string valid_to;
};

/// From OpenSSL's verify callback.
VerifyFailure describe_failure(X509_STORE_CTX* store);
Error verify_error(const VerifyFailure& failure, const std::string& host);
/// From OpenSSL's error queue, which it empties.
Error protocol_error(const std::string& host);

}  // namespace dso
