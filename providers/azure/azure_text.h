// Texts on the wire: percent-encoding, form bodies, base64, https URLs and their hosts, HTTP dates. Pure.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "azure_json.h"

namespace azure {

/// Everything but letters, digits and -._~ as %XX.
std::string percent_encode(std::string_view text);

/// name=value&…, percent-encoded; pairs without a value are left out.
Secret form_body(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

/// Without padding.
std::string base64url(std::span<const std::uint8_t> bytes);
std::string base64url(std::string_view bytes);
/// Either alphabet, padded or not, line breaks ignored. Empty optional: no base64.
std::optional<Secret> base64_decode(std::string_view text);

/// An https URL, taken apart.
struct HttpsUrl {
  std::string host;  ///< Lower case, without port.
  int port = 443;
  std::string path;  ///< With its query; empty or beginning with '/'.
  std::string origin() const;
};
/// Empty optional: not https, or with user info, white space, a fragment or no host.
std::optional<HttpsUrl> parse_https(std::string_view url);

/// May a token for `resource_host` be sent to `vault_host`? Only if the vault lies below it: "kv.vault.azure.net" below
/// "vault.azure.net". A vault that names somebody else's resource would get a token that is good there.
bool lies_below(std::string_view vault_host, std::string_view resource_host);

/// "Tue, 24 Nov 2026 23:01:57 GMT" in Unix milliseconds.
std::optional<std::int64_t> http_date_ms(std::string_view text);

std::string lower_case(std::string_view text);
std::string_view trimmed(std::string_view text);

}  // namespace azure
