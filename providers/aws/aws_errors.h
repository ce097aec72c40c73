// What AWS's answers mean: one pure table from status, the service's code and known phrases to an error class with the next
// step. Texts of the answer itself never get into an error, but for ARNs and codes, whose characters are checked.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dso/provider.hpp"

namespace aws {

/// What was asked, in the words of a policy.
struct Context {
  std::string action = {};    ///< "secretsmanager:GetSecretValue".
  std::string resource = {};  ///< The ARN that a policy must name.
  std::string name = {};      ///< The secret as it was asked for.
  std::string version = {};   ///< The version asked for; empty: the current one.
  std::string region = {};
  std::string identity = {};
};

/// An answer other than 2xx, or one error of a batch, without its texts.
struct ErrorFacts {
  int status = 0;
  std::string code = {};  ///< "ResourceNotFoundException"; empty: the answer is not AWS's.
  std::string request_id = {};
  std::int64_t retry_after_ms = -1;
  // Known phrases of the message:
  bool deletion = false;       ///< Marked for deletion.
  bool version = false;        ///< About a version or staging label, not the secret.
  bool no_secret = false;      ///< About the secret itself.
  bool kms = false;            ///< The key, not the secret.
  bool clock = false;          ///< "Signature expired", "not yet current".
  bool explicit_deny = false;  ///< A policy says Deny.
  // What an access-denied message names, if these are an ARN and an action:
  std::string principal = {}, action = {};
};

/// Headers: empty where absent.
struct ErrorHeaders {
  std::string_view error_type, request_id, retry_after_ms, retry_after_s;
};
/// Of JSON as well as of STS's XML.
ErrorFacts facts_of(int status, const ErrorHeaders& headers, std::string_view body);
/// From a code and message already taken out of an answer.
ErrorFacts facts_of_item(std::string_view code, std::string_view message);

dso_class class_of(const ErrorFacts& facts, const Context& context);
dso::sdk::Failure failure_of(const ErrorFacts& facts, const Context& context);

[[noreturn]] inline void unavailable(std::string message, std::string next) {
  throw dso::sdk::Failure(DSO_E_CREDENTIALS_UNAVAILABLE, std::move(message), std::move(next));
}

/// A 2xx answer that is not what the service says there.
dso::sdk::Failure malformed(const Context& context, std::string_view request_id, std::string_view what);

/// Codes that a wrong clock may be behind.
bool may_be_skew(std::string_view code);

/// Server minus own clock, from one answer; empty: it tells nothing (no Date, from a cache, or it took too long).
std::optional<std::int64_t> skew_of(std::int64_t sent_ms, std::int64_t received_ms, std::string_view date, std::string_view age);

}  // namespace aws
