// What the answers of Key Vault, Entra ID and the identity endpoints mean: pure tables from status and code to an error class
// with the next step. Texts of an answer itself never get into an error, only its codes: a text may quote what it was given.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "azure_json.h"
#include "dso/provider.hpp"

namespace azure {

/// An answer without its values.
struct Facts {
  bool json = false;
  std::string code;   ///< "Forbidden", "SecretNotFound"; Entra's "invalid_client".
  std::string inner;  ///< "ForbiddenByRbac", "SecretDisabled", "AKV10032".
  std::int64_t aadsts = 0;
  std::string request_id;
  std::int64_t retry_after_ms = -1;
};
Facts facts_of(const std::optional<Document>& document);

/// The longest-lived of Retry-After (seconds or a date), retry-after-ms and x-ms-retry-after-ms; -1: none.
std::int64_t retry_after(const dso::sdk::HttpResponse& response, std::int64_t now_ms);
/// The same of the headers' texts.
std::int64_t retry_after(std::string_view seconds_or_date, std::string_view ms, std::string_view ms_too, std::int64_t now_ms);

/// Who we are: for people, and for `az role assignment create`.
struct Identity {
  std::string text;      ///< "app 3333… (client secret)".
  std::string assignee;  ///< Client id; may be empty.
};

/// What was asked of the vault.
struct Context {
  enum class Operation { read, list };
  Operation operation = Operation::read;
  std::string vault;  ///< Its name: "kv-prod".
  std::string secret = {};
  std::string version = {};
  Identity identity = {};
};

/// An answer of Key Vault with a status other than 2xx.
dso::sdk::Failure vault_failure(int status, const Facts& facts, const Context& context);
/// A 2xx answer that is not what Key Vault says there.
dso::sdk::Failure malformed(int status, const Context& context, std::string_view what);

enum class Proof { client_secret, certificate, workload };
/// What was asked of Entra ID.
struct Login {
  Proof proof = Proof::client_secret;
  std::string tenant, client_id;
  std::string source;  ///< Where the secret, certificate or token comes from: "/run/keys/azure", "AZURE_CLIENT_SECRET".
  Identity identity;
  std::int64_t skew_ms = 0;  ///< The server's clock minus ours.
};
/// A refused login.
dso::sdk::Failure login_failure(int status, const Facts& facts, const Login& login);
/// Clocks that are further apart than Entra's tolerance.
bool is_skewed(std::int64_t skew_ms);

enum class Endpoint { vm, app_service, arc };
/// A refusal of a managed identity endpoint. `client_id`: the identity asked for, empty: the machine's own.
dso::sdk::Failure managed_failure(int status, const Facts& facts, Endpoint endpoint, std::string_view client_id,
                                  std::string_view identity);

}  // namespace azure
