// The three cryptographic functions that a provider borrows, thin over OpenSSL's EVP: a provider needs no crypto of its own.
#pragma once
#include <array>
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace dso {

using Digest256 = std::array<char, 32>;
Digest256 sha256_raw(std::string_view data);
Digest256 hmac_sha256_raw(std::string_view key, std::string_view data);

/// `algorithm` is a dso_sign_algorithm (RS256 or PS256, the salt as long as the digest). `pem_key` is an unencrypted RSA private
/// key of at least 2048 bits. InvalidCredentials for a key that is none; never quotes it.
Result<SecretBuffer> sign_with_key(std::int64_t algorithm, std::string_view pem_key, std::string_view data);

}  // namespace dso
