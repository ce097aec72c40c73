// One request to the vault and its answer: the challenge that tells what a token must be for, the token, and what a 401 means.
// Knows no secrets.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "azure_config.h"
#include "azure_errors.h"
#include "challenge.h"
#include "dso/provider.hpp"
#include "session.h"

namespace azure {

struct Reply {
  int status = 0;
  std::optional<Document> document;
  Facts facts;
  std::string challenge;           ///< The WWW-Authenticate header.
  std::int64_t server_time_s = 0;  ///< The Date header, else our own clock.
  bool ok() const { return status >= 200 && status < 300 && document; }
};

class VaultClient {
 public:
  VaultClient(dso::sdk::Host host, const Settings& settings, Session& session)
      : host_(host), settings_(settings), session_(session) {}

  /// GET of the vault's "/secrets/x?…". Any status but 401 is a Reply. Throws Failure where there is no token or no answer.
  Reply get(const std::string& path);
  /// The same, and a status other than 2xx is a Failure.
  Reply get(const std::string& path, Context context);

  Context context(Context::Operation operation, std::string_view secret = {}, std::string_view version = {}) const;
  /// The path of a link to the next page. Throws Failure (Malformed) if it leads to another host: the token goes with it.
  std::string own_path(std::string_view link, const Context& context) const;

 private:
  Reply send(const std::string& path, std::string_view token);
  void learn(const Reply& reply);

  dso::sdk::Host host_;
  const Settings& settings_;
  Session& session_;
  std::optional<Challenge> challenge_;
};

}  // namespace azure
