// What Host::http takes and gives. Included by dso/provider.hpp; not for inclusion by itself.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dso/provider.h"

namespace dso::sdk {

inline dso_str to_c(std::string_view s) noexcept {
  return {s.data(), s.size()};
}
inline std::string_view from_c(const dso_str& s) noexcept {
  return s.data ? std::string_view(s.data, s.size) : std::string_view();
}

/// Everything in it is borrowed: it must outlive the call of Host::http.
struct HttpRequest {
  std::string_view method = "GET";
  std::string_view url;  ///< Absolute; must fall in the instance's egress list.
  std::vector<dso_header> headers = {};
  std::string_view body = {};
  std::int64_t timeout_ms = 0;      ///< 0: the instance's own.
  std::int64_t max_body_bytes = 0;  ///< 0: 4 MiB.

  void header(std::string_view name, std::string_view value) { headers.push_back({to_c(name), to_c(value)}); }
  dso_http_request raw() const {
    return {.struct_size = sizeof(dso_http_request),
            .method = to_c(method),
            .url = to_c(url),
            .headers = headers.data(),
            .header_count = headers.size(),
            .body = to_c(body),
            .timeout_ms = timeout_ms,
            .max_body_bytes = max_body_bytes};
  }
};

/// Borrowed from the host until the next Host::http.
class HttpResponse {
 public:
  explicit HttpResponse(const dso_http_response& raw) : raw_(raw) {}
  int status() const { return raw_.status; }
  std::string_view body() const { return from_c(raw_.body); }
  /// Empty if absent; the first if there are several.
  std::string_view header(std::string_view lower_case_name) const {
    for (std::size_t i = 0; i < raw_.header_count; ++i)
      if (from_c(raw_.headers[i].name) == lower_case_name) return from_c(raw_.headers[i].value);
    return {};
  }

 private:
  dso_http_response raw_;
};

}  // namespace dso::sdk
