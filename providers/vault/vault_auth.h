// The token: where it comes from, when it is renewed, and what a 403 means (the token, or its policies). One of these per
// instance; knows no secrets engines.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dso/provider.hpp"
#include "vault_client.h"
#include "vault_config.h"

namespace vault {

class Session {
 public:
  Session(dso::sdk::Host host, const Settings& settings) : host_(host), settings_(settings), client_(host, settings) {}

  /// At the start of each entry: within one entry a login that failed is not tried again for each reference (that could lock
  /// the account), and a token found good is not looked up again.
  void begin();

  /// Asks with the token. A 403 is looked into: a token that Vault no longer knows is replaced once, and the request sent
  /// again. Any other status is the caller's. Throws Failure where there is no token or no answer.
  Reply ask(Client::Call call);

  /// Who we are to Vault: "approle dso", "token from VAULT_TOKEN".
  std::string identity() const;

 private:
  std::string_view token();
  bool token_works();
  void replace_token();
  void obtain();
  void log_in();
  void refresh();
  bool renew();
  Secret secret_id();
  Secret unwrap(std::string_view wrapping_token);
  void take(const boost::json::object& auth);
  std::string next_step() const;

  dso::sdk::Host host_;
  const Settings& settings_;
  Client client_;

  Secret token_;
  std::string role_name_;
  bool renewable_ = false;
  std::int64_t login_ttl_ms_ = 0;   ///< What a login gives.
  std::int64_t refresh_at_ms_ = 0;  ///< 0: never.
  std::int64_t expires_at_ms_ = 0;  ///< 0: never, or unknown.
  Secret unwrapped_secret_id_;      ///< Kept for later logins: a wrapping token opens once.
  Secret spent_wrapping_token_;

  bool verified_ = false;                    ///< In this entry, Vault knew the token.
  std::optional<dso::sdk::Failure> failed_;  ///< In this entry, there is no token to be had.
};

/// When a token of `ttl_ms` got at `now_ms` is renewed: after two thirds, so that a failure leaves time to try again. Pure.
std::int64_t refresh_time(std::int64_t now_ms, std::int64_t ttl_ms);

}  // namespace vault
