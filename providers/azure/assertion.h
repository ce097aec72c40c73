// A client assertion: the JWT by which an application proves that it has the key of its certificate. The host signs.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "azure_json.h"
#include "dso/provider.hpp"

namespace azure {

/// The DER of the first CERTIFICATE block of a PEM text. Pure.
std::optional<Secret> first_certificate(std::string_view pem);

struct AssertionFacts {
  std::string audience;  ///< The token endpoint.
  std::string client_id;
  std::string id;  ///< "jti": another one each time.
  std::int64_t now_s = 0;
};
/// header.payload, base64url, for PS256 with the certificate's SHA-256 in x5t#S256; good for ten minutes. Pure.
std::string unsigned_assertion(const AssertionFacts& facts, const dso::sdk::Digest& thumbprint);

/// The whole of it. `pem` holds certificate and unencrypted RSA key. Throws Failure.
Secret make_assertion(const dso::sdk::Host& host, std::string_view pem, const AssertionFacts& facts);

}  // namespace azure
