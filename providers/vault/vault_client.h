// One request to Vault and its answer: headers, the one redirect from a standby node, and whether the answer is Vault's at
// all. Knows no tokens' lives and no secrets engines.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "dso/provider.hpp"
#include "vault_config.h"
#include "vault_errors.h"
#include "vault_json.h"

namespace vault {

struct Reply {
  int status = 0;
  std::optional<Document> document;
  std::string_view body;         ///< Borrowed until the next request.
  std::string_view retry_after;  ///< Likewise.
  Facts facts;
  bool ok() const { return status >= 200 && status < 300; }
  /// The "data" or "auth" object of a 2xx answer; Malformed if it is not there.
  const boost::json::object& member(std::string_view key, const Context& context) const;
};

class Client {
 public:
  Client(dso::sdk::Host host, const Settings& settings) : host_(host), settings_(settings) {}

  struct Call {
    std::string_view method = "GET";
    std::string_view path;        ///< Below /v1/, percent-encoded, may have a query.
    std::string_view token = {};  ///< Empty: without.
    std::string_view body = {};   ///< JSON.
    std::int64_t timeout_ms = 0;  ///< 0: the instance's own.
  };
  /// Any status but a redirect is a Reply. Throws Failure where there is no answer.
  Reply send(const Call& call) const;
  /// The same, and a status other than 2xx is a Failure.
  Reply send(const Call& call, const Context& context) const;

  /// What became of one of many: a reply, or the failure that `reply` throws.
  class Outcome {
   public:
    explicit Outcome(Reply&& reply) : reply_(std::move(reply)) {}
    explicit Outcome(dso::sdk::Failure&& failure) : failure_(std::move(failure)) {}
    bool failed() const { return failure_.has_value(); }
    const Reply& reply() const;

   private:
    Reply reply_;
    std::optional<dso::sdk::Failure> failure_;
  };
  using Each = std::function<void(std::size_t, const Outcome&)>;
  /// Several at once: `each` for every call, those that a standby node sends elsewhere last. Nothing may be asked in there.
  void send_all(std::span<const Call> calls, const Each& each) const;

 private:
  dso::sdk::HttpRequest request(const Call& call, std::string_view url) const;
  static Reply reply_of(const dso::sdk::HttpResponse& response);
  dso::sdk::Failure advised(dso::sdk::Failure f) const;

  dso::sdk::Host host_;
  const Settings& settings_;
};

/// Where a redirect from `url` leads, or empty: not an absolute URL or path, or from https to http. Pure.
std::string redirect_target(std::string_view url, std::string_view location);

/// Percent-encodes a path: slashes stay, and so do letters, digits and -._~. Pure.
std::string encode_path(std::string_view path);

}  // namespace vault
