// What each auth method sends to log in, and where it comes from: settings and files, read at each login, and a secret id that
// came wrapped. Keeps no token.
#pragma once
#include <string>
#include <string_view>

#include "dso/provider.hpp"
#include "vault_client.h"
#include "vault_config.h"

namespace vault {

class Login {
 public:
  Login(dso::sdk::Host host, const Settings& settings, const Client& client)
      : host_(host), settings_(settings), client_(client) {}

  /// "auth/approle/login", as a policy would name it.
  std::string path() const;
  /// The body. Throws Failure where a credential is not to be had. May ask Vault to unwrap.
  Secret body(const std::string& identity);
  /// Vault refused it: what was unwrapped once is of no use any more.
  void refused() { unwrapped_.clear(); }

 private:
  Secret secret_id(const std::string& identity);
  Secret unwrap(std::string_view wrapping_token, const std::string& identity);
  void alarm(const std::string& message) const;

  dso::sdk::Host host_;
  const Settings& settings_;
  const Client& client_;
  Secret unwrapped_;  ///< Kept for later logins: a wrapping token opens once.
  Secret spent_;      ///< That wrapping token.
  Secret alarmed_;    ///< The one that an alarm was raised about: once is loud enough.
};

/// One line of plain text, or a Failure (CredentialsUnavailable) that says `what` it is of.
void check_credential(std::string_view value, std::string_view what);
/// The one credential in a file, without white space around it.
Secret credential_from_file(const dso::sdk::Host& host, const std::string& path, std::string_view what);
Secret without_space(std::string_view text);

/// Who the login made us: the name in the "metadata" of its answer, or empty. Pure.
std::string name_in(const boost::json::object& auth);

}  // namespace vault
