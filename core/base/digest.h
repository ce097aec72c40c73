// Digests by OpenSSL: SHA-256 for files, HMAC-SHA-256 for comparing values without keeping them.
#pragma once
#include <string>
#include <string_view>

namespace dso {

/// Lower-case hex, 64 characters.
std::string sha256_hex(std::string_view data);
/// Lower-case hex, 64 characters. Without `key` the digest tells nothing about `data`.
std::string hmac_sha256_hex(std::string_view key, std::string_view data);
/// `bytes` random bytes from the kernel as lower-case hex.
std::string random_hex(std::size_t bytes);

}  // namespace dso
