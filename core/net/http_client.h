// An HTTP/1.1 client: one request, one answer, pooled connections per origin. Bodies live in SecretBuffer, since an answer
// may hold a secret. No redirects, no cookies, no compression. Beast stands behind it, in http_client.cpp alone.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/secret_bytes.h"
#include "net/byte_stream.h"

namespace dso {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;  ///< http://, https://, or unix:///socket/path:/target (the path ends at the ":/").
  HttpHeaders headers;
  SecretBuffer body;
  std::size_t max_body = 4 * 1024 * 1024;  ///< A longer answer: Malformed.
};
struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  ///< Names in lower case.
  SecretBuffer body;
  std::string header(std::string_view lower_case_name) const;
};

struct UrlParts {
  std::string scheme, host, port, target;  ///< host without brackets; target starts with '/'.
  std::string origin() const;              ///< "https://host:port"
};
Result<UrlParts> parse_url(const std::string& url);

/// Thread-safe. Keeps up to `max_idle` connections per origin.
class HttpClient {
 public:
  explicit HttpClient(std::shared_ptr<const TlsContext> tls, std::size_t max_idle = 8);
  ~HttpClient();
  /// A request that failed on a pooled connection before any byte of an answer is sent once more on a new one.
  Result<HttpResponse> send(const HttpRequest& request, const Deadline& d, std::stop_token s = {});
  /// For endless answers (Docker events, log streams), and for long ones that are read as they come: `on_data` gets each piece of
  /// the body; false ends it.
  Result<int> stream(const HttpRequest& request, const std::function<bool(int status, std::string_view piece)>& on_data,
                     std::stop_token s, const Deadline& d = Deadline::never());

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dso
