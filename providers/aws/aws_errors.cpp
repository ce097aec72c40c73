// The table itself. No I/O.
#include "aws_errors.h"

#include <algorithm>
#include <array>

namespace aws {
namespace {

using dso::sdk::Failure;

bool one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool is_throttling(const ErrorFacts& f) {
  const std::string_view c = f.code;
  return f.status == 429 || c.starts_with("Throttl") || c.starts_with("TooManyRequests") || c.starts_with("RequestThrottled") ||
         c.starts_with("LimitExceeded") || c.starts_with("ProvisionedThroughputExceeded") ||
         one_of(c, {"RequestLimitExceeded", "SlowDown", "BandwidthLimitExceeded", "PriorRequestNotComplete"});
}

std::string secret_name(const Context& c) {
  return c.name.empty() ? "the secret" : "'" + c.name + "'";
}
std::string where(const Context& c) {
  return c.region.empty() ? "" : " in " + c.region;
}
/// "to role arn:…": who a policy has to let in.
std::string whom(const ErrorFacts& f, const Context& c) {
  if (!f.principal.empty()) return " to " + f.principal;
  return c.identity.empty() ? "" : " to " + c.identity;
}

void fill_denied(Failure& out, const ErrorFacts& f, const Context& c) {
  const std::string action = f.action.empty() ? c.action : f.action;
  out.message = "access denied";
  out.next_step = "Allow " + action + (c.resource.empty() ? "" : " on " + c.resource) + whom(f, c) + ".";
  if (f.explicit_deny)
    out.next_step = "A policy denies " + action + " explicitly" + (c.resource.empty() ? "" : " on " + c.resource) +
                    ": look at the secret's own policy, permission boundaries and service control policies.";
}

void fill_credentials(Failure& out, const ErrorFacts& f, const Context& c) {
  const std::string_view code = f.code;
  out.message = "AWS does not accept the credentials";
  out.next_step = "Check the access key and its secret" + (c.identity.empty() ? "" : " (" + c.identity + ")") + ".";
  if (code.starts_with("ExpiredToken") || code == "TokenRefreshRequired") {
    out.message = "the temporary credentials have expired";
    out.next_step = "Renew them where they come from" + (c.identity.empty() ? "" : " (" + c.identity + ")") +
                    ", or use a role, which DSO renews by itself.";
  } else if (code.starts_with("InvalidSignature") || code.starts_with("SignatureDoesNotMatch")) {
    out.message = "the signature does not match: the secret access key is not that of the access key id";
    out.next_step = "Put the secret access key that belongs to " + (c.identity.empty() ? "the access key id" : c.identity) +
                    " where it is read from.";
  } else if (one_of(code, {"UnrecognizedClient", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"})) {
    out.message = "AWS does not know this access key, or its session token does not belong to it";
    out.next_step =
        "Check that the key is active and of this partition" + (c.identity.empty() ? "" : " (" + c.identity + ")") + ".";
  } else if (code.starts_with("InvalidIdentityToken") || code.starts_with("IDPRejectedClaim")) {
    out.message = "AWS does not accept the identity token";
    out.next_step =
        "Check the role's trust policy and that the identity provider in IAM is the token's issuer, with its "
        "audience.";
  }
}

void fill(Failure& out, const ErrorFacts& f, const Context& c) {
  switch (out.cls) {
    case DSO_E_ACCESS_DENIED: return fill_denied(out, f, c);
    case DSO_E_INVALID_CREDENTIALS: return fill_credentials(out, f, c);
    case DSO_E_NOT_FOUND:
      out.message = f.version ? "the secret has no current value yet" : "there is no such secret" + where(c);
      out.next_step = f.version ? "Put a value into it (aws secretsmanager put-secret-value)."
                                : "Check the name " + secret_name(c) +
                                      ", the region and the account; a secret of another account "
                                      "needs its full ARN.";
      return;
    case DSO_E_VERSION_NOT_FOUND:
      out.message = "the secret has no version '" + c.version + "'";
      out.next_step = "See aws secretsmanager list-secret-version-ids for the ids and stages there are.";
      return;
    case DSO_E_DELETED:
      out.message = "the secret is marked for deletion";
      out.next_step = "Restore it (aws secretsmanager restore-secret --secret-id " + (c.name.empty() ? "NAME" : c.name) +
                      "), or take it out of the config.";
      return;
    case DSO_E_THROTTLED:
      out.message = "AWS's request rate is reached";
      out.next_step = "Raise agent.watch.polling_interval, or the account's quota.";
      return;
    case DSO_E_UNAVAILABLE:
      out.message = "AWS answered " + std::to_string(f.status);
      out.next_step = "It is asked again; if it stays, see the AWS Health Dashboard" + where(c) + ".";
      return;
    case DSO_E_DECRYPT_FAILED:
      out.message = "AWS cannot decrypt the secret with its KMS key";
      out.next_step = "Allow kms:Decrypt on the secret's key" + whom(f, c) + ", and check that the key is enabled.";
      return;
    case DSO_E_CLOCK_SKEW:
      out.message = "this host's clock is too far from AWS's";
      out.next_step = "Set the clock (timedatectl set-ntp true).";
      return;
    case DSO_E_INVALID_REQUEST:
      out.message = "AWS takes the request for a mistake";
      out.next_step = "Check the name " + secret_name(c) + " and the version; letters, digits and /_+=.@- are allowed.";
      return;
    default:
      out.message = "the answer is not one of AWS's";
      out.next_step = "Check endpoint and region, and any proxy before AWS.";
  }
}

}  // namespace

dso_class class_of(const ErrorFacts& f, const Context& c) {
  const std::string_view code = f.code;
  if (is_throttling(f)) return DSO_E_THROTTLED;
  if (f.status >= 500 || code.starts_with("RequestTimeout") ||
      one_of(code,
             {"InternalServiceError", "InternalServiceErrorException", "InternalFailure", "InternalServerError", "InternalError",
              "ServiceUnavailable", "ServiceUnavailableException", "IDPCommunicationError", "IDPCommunicationErrorException"}))
    return DSO_E_UNAVAILABLE;
  if (code.empty()) return DSO_E_MALFORMED;
  if (code.starts_with("RequestTimeTooSkewed") || code.starts_with("RequestExpired") || code == "RequestInTheFuture")
    return DSO_E_CLOCK_SKEW;
  if (code.starts_with("InvalidSignature") || code.starts_with("SignatureDoesNotMatch"))
    return f.clock ? DSO_E_CLOCK_SKEW : DSO_E_INVALID_CREDENTIALS;
  if (code.starts_with("DecryptionFailure") || code.starts_with("KMS") || one_of(code, {"InvalidKeyId", "InvalidKeyIdException"}))
    return DSO_E_DECRYPT_FAILED;
  if (code.starts_with("AccessDenied") || one_of(code, {"UnauthorizedAccess", "UnauthorizedOperation", "OptInRequired",
                                                        "NotAuthorized", "ForbiddenException", "Forbidden"}))
    return f.kms ? DSO_E_DECRYPT_FAILED : DSO_E_ACCESS_DENIED;
  if (code.starts_with("ExpiredToken") || code.starts_with("InvalidIdentityToken") || code.starts_with("IDPRejectedClaim") ||
      one_of(code,
             {"UnrecognizedClient", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure",
              "InvalidToken", "TokenRefreshRequired", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
              "IncompleteSignature", "IncompleteSignatureException", "UnauthorizedException"}))
    return DSO_E_INVALID_CREDENTIALS;
  if (code.starts_with("ParameterVersionNotFound")) return DSO_E_VERSION_NOT_FOUND;
  if (code.starts_with("ResourceNotFound") || code.starts_with("ParameterNotFound"))
    return !f.no_secret && !c.version.empty() ? DSO_E_VERSION_NOT_FOUND : DSO_E_NOT_FOUND;
  if (code.starts_with("InvalidRequest") && f.deletion) return DSO_E_DELETED;
  return DSO_E_INVALID_REQUEST;
}

Failure failure_of(const ErrorFacts& f, const Context& c) {
  Failure out(class_of(f, c), {});
  fill(out, f, c);
  out.store_code = f.code.empty() ? std::to_string(f.status) : f.code;
  out.request_id = f.request_id;
  out.identity = f.principal.empty() ? c.identity : f.principal;
  out.retry_after_ms = f.retry_after_ms;
  return out;
}

Failure malformed(const Context& c, std::string_view request_id, std::string_view what) {
  Failure out(DSO_E_MALFORMED, std::string(what), "Check endpoint and region, and any proxy before AWS.");
  out.request_id = request_id;
  out.identity = c.identity;
  return out;
}

}  // namespace aws
