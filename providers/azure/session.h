// The token: from which link of the chain it comes, when it is asked for anew, and what is remembered of a failure within one
// entry. One of these per instance; knows no vault's URLs.
#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "azure_config.h"
#include "credential.h"
#include "dso/provider.hpp"

namespace azure {

class Session {
 public:
  Session(dso::sdk::Host host, const Settings& settings);

  /// At the start of each entry: within one entry a login that failed is not tried again for each reference (that could lock
  /// the account), nor is a token that was refused replaced twice.
  void begin();

  /// Throws the failure that this entry already had.
  void check() const;
  /// Borrowed until the next call. Throws Failure.
  std::string_view token(const Wanted& wanted);
  /// The vault refused the token: a new one, once an entry. Empty: that was done already.
  std::string_view replace(const Wanted& wanted);
  /// From now on in this entry there is no token to be had.
  dso::sdk::Failure give_up(dso::sdk::Failure failure);

  Identity identity() const;

 private:
  Token obtain(const Wanted& wanted);

  dso::sdk::Host host_;
  const Settings& settings_;
  std::vector<std::unique_ptr<Credential>> chain_;
  std::optional<std::size_t> chosen_;  ///< The link that gave a token.
  Token held_;
  bool replaced_ = false;
  std::optional<dso::sdk::Failure> failed_;
};

}  // namespace azure
