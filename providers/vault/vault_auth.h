// The token's life: got, renewed, replaced, given back; and what a 403 means (the token, or its policies). One of these per
// instance; knows no secrets engines.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dso/provider.hpp"
#include "vault_client.h"
#include "vault_config.h"
#include "vault_lifetime.h"
#include "vault_login.h"

namespace vault {

class Session {
 public:
  Session(dso::sdk::Host host, const Settings& settings)
      : host_(host), settings_(settings), client_(host, settings), login_(host, settings, client_) {}
  Session(const Session&) = delete;

  /// At the start of each entry: within one entry a login that failed is not tried again for each reference (that could lock
  /// the account), and a token found good is not looked up again.
  void begin();

  /// Asks with the token. A 403 is looked into: a token that Vault no longer knows is replaced once, and the request sent
  /// again. Any other status is the caller's. Throws Failure where there is no token or no answer.
  Reply ask(Client::Call call);

  /// Vault has answered the present token with success: it is worth asking for many with it.
  bool proven() const { return good_ > 0 && good_ == generation_; }
  /// Several at once. `each` for every call but those that came back with a 403 of which it is not known what it means; they are
  /// given back, to be asked anew after one of them went through `ask`, which finds out.
  std::vector<std::size_t> ask_all(std::vector<Client::Call> calls, const Client::Each& each);

  /// Renews or replaces the token if that is due, although nothing is asked.
  void keep() { token(); }

  /// A token that holds now, for a connection that the host opens. Borrowed until the next call.
  std::string_view present_token() { return token(); }

  /// Who we are to Vault: "approle dso", "token from VAULT_TOKEN".
  std::string identity() const;

  // For leases, which die with the token that made them. Tokens are counted.
  int generation() const { return generation_; }
  std::int64_t token_end_ms() const { return life_.end_ms(); }
  /// Of the token before the present one.
  std::int64_t former_token_end_ms() const { return former_end_ms_; }
  /// The newest token that Vault said it no longer knows, or 0.
  int refused_generation() const { return refused_; }
  std::int64_t look_ms() const { return pace_.longest_ms(); }

  /// One of a login, which is ours to end.
  bool has_own_token() const { return logs_in() && !token_.empty(); }
  /// Gives back the token of a login, and with it what was leased under it. Never throws: Vault ends it by itself one day.
  void revoke() noexcept;

 private:
  std::string_view token();
  bool token_works();
  void replace_token();
  void obtain();
  void obtain_given();
  void look_up_given();
  void take_newer_file();
  void log_in();
  void refresh(Due what);
  bool renew();
  void take(const boost::json::object& auth);
  std::string next_step() const;
  dso::sdk::Failure refused() const;
  bool logs_in() const { return settings_.method != Settings::Method::token; }

  dso::sdk::Host host_;
  const Settings& settings_;
  Client client_;
  Login login_;

  Secret token_;
  Lifetime life_;
  int generation_ = 0, refused_ = 0, good_ = 0;
  std::int64_t former_end_ms_ = 0;
  std::string name_;  ///< Of the role or user that the last login was for.
  Pace pace_;

  int entries_ = 0;
  bool looked_up_ = false;  ///< A given token's life has been asked.
  bool end_foretold_ = false;
  bool verified_ = false;                    ///< In this entry, Vault knew the token.
  std::optional<dso::sdk::Failure> failed_;  ///< In this entry, there is no token to be had.
};

}  // namespace vault
