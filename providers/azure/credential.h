// A token as a credential gives it, and the interface of those that give one. Knows no vault.
#pragma once
#include <string>
#include <string_view>

#include "azure_errors.h"
#include "azure_json.h"
#include "token_times.h"

namespace azure {

struct Token {
  Secret value;
  TokenTimes times;
  Identity identity;
};

/// What a token must be for.
struct Wanted {
  std::string resource;  ///< "https://vault.azure.net".
  std::string tenant;    ///< The vault's own, for who configured none.
  std::string claims;    ///< JSON that the vault asked for; empty: none.
};

class Credential {
 public:
  virtual ~Credential() = default;
  /// Asks for a new token. Throws Failure; of class CredentialsUnavailable where there is no such credential here.
  virtual Token get(const Wanted& wanted) = 0;
  /// Who it is as far as is known before a token was had.
  virtual Identity identity() const = 0;
};

/// The token of an answer {"access_token", "expires_in" | "expires_on", "refresh_in" | "refresh_on"}. Throws Failure
/// (Malformed) where there is none.
Token token_of(const std::optional<Document>& document, std::int64_t now_ms, const Identity& identity);

/// A credential's one line of text from a file, into wiped memory. Throws Failure (CredentialsUnavailable).
Secret one_line(const dso::sdk::Host& host, const std::string& path, std::string_view what);

}  // namespace azure
