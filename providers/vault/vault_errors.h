// What Vault's answers mean: one pure table from status, known phrases and what was asked to an error class with the next
// step. Texts of the answer itself never get into an error: an engine's message may quote what it was given.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "dso/provider.hpp"
#include "vault_json.h"

namespace vault {

enum class Operation { read, metadata, list, mount_lookup, login, renew_token, lookup_self, unwrap, renew_lease, lookup_lease };

/// What was asked, in the words of a policy.
struct Context {
  Operation operation = Operation::read;
  std::string path = {};     ///< "secret/data/myapp/db": what a policy must name.
  std::string version = {};  ///< The version asked for; empty: the current one.
  std::string ns = {};       ///< The namespace; empty: none.
  std::string identity = {};
  std::string_view method = "approle";  ///< Of a login.
};

/// Phrases of Vault's own messages that tell more than the status.
enum class Hint {
  none,
  sealed,
  not_initialised,
  quota,
  no_route,
  no_namespace,
  invalid_token,
  invalid_role,
  invalid_secret_id,
  no_role,
  wrong_password,
  certificate,
  jwt_over,
  jwt_early,
  jwt_refused,
  server_id,         ///< Of the aws login.
  signature_over,    ///< Likewise: by AWS's clock it was made too early or too late.
  identity_refused,  ///< Likewise: AWS does not know who signed.
  no_lease,
  lease_not_renewable,
  wrapping_token,
  upgrading,
  versioned_mount,
};

/// An answer without its values.
struct Facts {
  bool json = false;        ///< A JSON object.
  bool has_errors = false;  ///< With an "errors" member, as every refusal of Vault's own has.
  Hint hint = Hint::none;
  bool deleted = false;  ///< data.metadata has a deletion_time.
  bool destroyed = false;
  std::string request_id = {};
};
Facts facts_of(const std::optional<Document>& document);

/// The failure that an answer with `status` other than 2xx means. `retry_after`: that header, or empty.
dso::sdk::Failure failure_of(int status, const Facts& facts, const Context& context, std::string_view retry_after = {});

/// A login that was answered with 400. One for each method: what to check differs.
dso::sdk::Failure login_refused(int status, const Facts& facts, const Context& context);

/// The texts put together with the store's own facts.
dso::sdk::Failure make_failure(int status, const Facts& facts, const Context& context, dso_class cls, std::string message,
                               std::string next);

/// A 2xx answer that is not what Vault says there ("no data").
dso::sdk::Failure malformed(int status, const Context& context, std::string_view what);

/// The token is no longer (or never was) one of Vault's. `identity`: where it came from.
dso::sdk::Failure token_refused(std::string_view identity, std::string_view next_step);

}  // namespace vault
