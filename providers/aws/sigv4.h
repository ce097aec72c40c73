// AWS Signature Version 4, by header. Pure: the two digests are lent, the time comes in as text. What it builds may hold a
// session token, so it lives in wiped memory.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "aws_json.h"
#include "dso/provider.hpp"

namespace aws {

struct Hashes {
  std::function<dso::sdk::Digest(std::string_view data)> sha256;
  std::function<dso::sdk::Digest(std::string_view key, std::string_view data)> hmac_sha256;
};

/// Borrowed.
struct Header {
  std::string_view name, value;
};

/// A request as it is going to be sent. All headers given are signed; Host and X-Amz-Date must be among them.
struct ToSign {
  std::string_view method = "POST";
  std::string_view path = "/";  ///< As in the URL.
  std::string_view query = {};  ///< As in the URL, without '?'.
  std::vector<Header> headers;
  std::string_view payload_hash;  ///< SHA-256 of the body in hex.
  std::string_view region, service;
  std::string_view amz_date;   ///< "20150830T123600Z".
  bool normalize_path = true;  ///< Every service but S3.
  bool encode_twice = true;    ///< The path's own '%' becomes %25; likewise.
};

struct Canonical {
  Secret text;
  std::string signed_headers;  ///< "host;x-amz-date".
};
Canonical canonical_request(const ToSign& request);
std::string credential_scope(const ToSign& request);
std::string string_to_sign(const Hashes& hashes, const ToSign& request, std::string_view canonical);
/// Good for one day, region and service.
Secret signing_key(const Hashes& hashes, std::string_view secret_access_key, const ToSign& request);

/// The value of the Authorization header. It holds no credential: only the key's id and a signature.
std::string authorization(const Hashes& hashes, const ToSign& request, std::string_view access_key_id,
                          std::string_view secret_access_key);

}  // namespace aws
