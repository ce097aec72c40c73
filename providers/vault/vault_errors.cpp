// The table itself. No I/O.
#include "vault_errors.h"

#include <array>
#include <boost/json/array.hpp>
#include <charconv>

namespace vault {
namespace {

using dso::sdk::Failure;

struct Phrase {
  std::string_view text;
  Hint hint;
};
// Vault's wordings, lower case, the more telling ones first.
constexpr std::array kPhrases{
    Phrase{"vault is sealed", Hint::sealed},
    Phrase{"not initialized", Hint::not_initialised},
    Phrase{"quota exceeded", Hint::quota},
    Phrase{"no handler for route", Hint::no_route},
    Phrase{"unsupported path", Hint::no_route},
    Phrase{"namespace not found", Hint::no_namespace},
    Phrase{"no namespace", Hint::no_namespace},
    Phrase{"invalid token", Hint::invalid_token},
    Phrase{"bad token", Hint::invalid_token},
    Phrase{"invalid secret id", Hint::invalid_secret_id},
    Phrase{"invalid secret_id", Hint::invalid_secret_id},
    Phrase{"invalid role name", Hint::no_role},
    Phrase{"invalid role", Hint::invalid_role},
    Phrase{"could not be found", Hint::no_role},
    Phrase{"missing role", Hint::no_role},
    Phrase{"invalid username or password", Hint::wrong_password},
    Phrase{"token is expired", Hint::jwt_over},
    Phrase{"not yet valid", Hint::jwt_early},
    Phrase{"issued in the future", Hint::jwt_early},
    Phrase{"x-vault-aws-iam-server-id", Hint::server_id},
    Phrase{"signature expired", Hint::signature_over},
    Phrase{"signature not yet current", Hint::signature_over},
    Phrase{"error making upstream request", Hint::identity_refused},
    Phrase{"entry for role", Hint::no_role},
    Phrase{"error validating", Hint::jwt_refused},
    Phrase{"verifying token signature", Hint::jwt_refused},
    Phrase{"audience", Hint::jwt_refused},
    Phrase{"certificate", Hint::certificate},
    Phrase{"lease not found", Hint::no_lease},
    Phrase{"invalid lease", Hint::no_lease},
    Phrase{"lease expired", Hint::no_lease},
    Phrase{"lease is not renewable", Hint::lease_not_renewable},
    Phrase{"wrapping token is not valid", Hint::wrapping_token},
    Phrase{"upgrading from non-versioned", Hint::upgrading},
    Phrase{"waiting for the primary", Hint::upgrading},
    Phrase{"invalid path for a versioned k/v", Hint::versioned_mount},
};

Hint hint_of(std::string_view text) {
  std::string lower(text.substr(0, 1000));
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const Phrase& p : kPhrases)
    if (lower.find(p.text) != std::string::npos) return p.hint;
  return Hint::none;
}

Hint hint_in(const boost::json::array* texts) {
  if (!texts) return Hint::none;
  for (const auto& t : *texts)
    if (t.is_string())
      if (const Hint h = hint_of({t.get_string().data(), t.get_string().size()}); h != Hint::none) return h;
  return Hint::none;
}

std::string quoted(std::string_view s) {
  return "'" + std::string(s) + "'";
}
std::string in_namespace(const Context& c) {
  return c.ns.empty() ? "" : " in namespace " + quoted(c.ns);
}

/// Seconds, as Vault's quotas send it; a date is not worth a parser here.
std::int64_t milliseconds(std::string_view retry_after) {
  std::int64_t seconds = -1;
  const auto [end, bad] = std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  if (bad != std::errc() || end != retry_after.data() + retry_after.size() || seconds < 0 || seconds > 86400) return -1;
  return seconds * 1000;
}

Failure bad_request(int status, const Facts& f, const Context& c) {
  switch (f.hint) {
    case Hint::upgrading:
      return make_failure(status, f, c, DSO_E_UNAVAILABLE, "the mount is being upgraded to version 2",
                          "Wait; it takes seconds to minutes.");
    case Hint::wrapping_token:
      return make_failure(
          status, f, c, DSO_E_INVALID_CREDENTIALS,
          "the wrapping token was already used or has expired; if no earlier run of this agent used it, somebody else did",
          "Look into Vault's audit log who unwrapped it, revoke that secret id, and deliver a newly wrapped one.");
    case Hint::no_lease:
    case Hint::lease_not_renewable:
      if (c.operation != Operation::renew_lease && c.operation != Operation::lookup_lease) break;
      return make_failure(status, f, c, DSO_E_LEASE_LOST, "Vault no longer renews this lease", "The secret is read anew.");
    default: break;
  }
  if (c.operation == Operation::login) return login_refused(status, f, c);
  if (c.operation == Operation::unwrap)
    return make_failure(status, f, c, DSO_E_INVALID_CREDENTIALS, "Vault could not unwrap the secret id",
                        "Deliver a newly wrapped secret id.");
  return make_failure(
      status, f, c, DSO_E_INVALID_REQUEST, "Vault takes the request for a mistake",
      "Check the secret's name, mount and kv_version: the path asked was " + quoted(c.path) + in_namespace(c) + ".");
}

Failure denied(int status, const Facts& f, const Context& c) {
  if (c.operation == Operation::login) {
    std::string also = "that the role admits this host's address";
    if (c.method == "kubernetes") also = "that the role's bound_service_account_names and _namespaces admit this one";
    if (c.method == "userpass") also = "that too many wrong passwords have not locked the user for a while";
    return make_failure(status, f, c, DSO_E_ACCESS_DENIED, "Vault denies the login itself",
                        "Check that " + quoted(c.path) + " is the path of the auth mount (auth.params.mount)" + in_namespace(c) +
                            " and " + also + ".");
  }
  if (c.operation == Operation::lookup_self || c.operation == Operation::renew_token)
    return make_failure(status, f, c, DSO_E_INVALID_CREDENTIALS, "Vault does not accept the token", "Give a valid token.");
  const char* capability = c.operation == Operation::list ? "list" : c.operation == Operation::renew_lease ? "update" : "read";
  return make_failure(
      status, f, c, DSO_E_ACCESS_DENIED, "permission denied",
      "Add to its policy" + in_namespace(c) + ": path \"" + c.path + "\" { capabilities = [\"" + capability + "\"] }.");
}

Failure absent(int status, const Facts& f, const Context& c) {
  if (f.hint == Hint::no_namespace)
    return make_failure(status, f, c, DSO_E_INVALID_REQUEST, "there is no namespace " + quoted(c.ns),
                        "Check the setting namespace.");
  if (f.hint == Hint::no_route)
    return make_failure(status, f, c, DSO_E_INVALID_REQUEST, "no secrets engine is mounted at this path",
                        "Check the mount: the path asked was " + quoted(c.path) + in_namespace(c) + " (vault secrets list).");
  if (f.hint == Hint::versioned_mount)
    return make_failure(status, f, c, DSO_E_INVALID_REQUEST, "the mount holds versioned secrets, but it was asked as version 1",
                        "Set kv_version: 2, or leave it out.");
  if (f.destroyed)
    return make_failure(status, f, c, DSO_E_DELETED, "this version was destroyed and cannot be restored", "Write a new version.");
  if (f.deleted)
    return make_failure(status, f, c, DSO_E_DELETED, "this version was deleted",
                        "Restore it (vault kv undelete) or write a new version.");
  if (c.operation == Operation::lookup_self || c.operation == Operation::login)
    return make_failure(status, f, c, DSO_E_INVALID_REQUEST, "this is not a Vault API, or not the mount's path",
                        "Check address and auth.params.mount: the path asked was " + quoted(c.path) + in_namespace(c) + ".");
  if (!c.version.empty())
    return make_failure(status, f, c, DSO_E_VERSION_NOT_FOUND, "there is no version " + quoted(c.version),
                        "See vault kv metadata get.");
  return make_failure(status, f, c, DSO_E_NOT_FOUND, "nothing is stored at " + quoted(c.path) + in_namespace(c),
                      "Check the secret's name; the mount's name is its first part unless the setting mount is used.");
}

}  // namespace

Failure make_failure(int status, const Facts& f, const Context& c, dso_class cls, std::string message, std::string next) {
  Failure out(cls, std::move(message), std::move(next));
  out.store_code = std::to_string(status);
  out.request_id = f.request_id;
  out.identity = c.identity;
  return out;
}

Facts facts_of(const std::optional<Document>& document) {
  Facts f;
  if (!document) return f;
  f.json = true;
  const boost::json::object& root = document->root();
  f.request_id = string_at(root, "request_id").substr(0, 64);
  f.has_errors = array_at(root, "errors") != nullptr;
  f.hint = hint_in(array_at(root, "errors"));
  if (f.hint == Hint::none) f.hint = hint_in(array_at(root, "warnings"));
  if (const auto* data = object_at(root, "data"))
    if (const auto* metadata = object_at(*data, "metadata")) {
      f.deleted = !string_at(*metadata, "deletion_time").empty();
      f.destroyed = bool_at(*metadata, "destroyed");
    }
  return f;
}

Failure failure_of(int status, const Facts& f, const Context& c, std::string_view retry_after) {
  // What a load balancer may answer as well, in HTML: the status says enough.
  if (status == 429 || status >= 500) {
    Failure out =
        make_failure(status, f, c, DSO_E_UNAVAILABLE, "Vault answered " + std::to_string(status), "See Vault's own log.");
    if (status == 429) {
      out.cls = DSO_E_THROTTLED;
      out.message = "Vault's rate limit is reached";
      out.next_step = "Raise the quota (vault read sys/quotas/rate-limit/NAME) or agent.watch.polling_interval.";
    } else if (f.hint == Hint::sealed) {
      out.message = "Vault is sealed";
      out.next_step = "Unseal it (vault operator unseal).";
    } else if (f.hint == Hint::not_initialised) {
      out.message = "Vault is not initialised";
      out.next_step = "Initialise it (vault operator init).";
    } else if (status == 502 || status == 503 || status == 504) {
      out.message = f.json ? "Vault is not available" : "a proxy or load balancer has no Vault behind it";
      out.next_step = "Check Vault's health and what stands before it.";
    }
    out.retry_after_ms = milliseconds(retry_after);
    return out;
  }
  if (status == 412 || status == 472 || status == 473)
    return make_failure(status, f, c, DSO_E_UNAVAILABLE, "this Vault node cannot serve the request yet", "It is asked again.");
  if (status >= 300 && status < 400)
    return make_failure(
        status, f, c, DSO_E_UNAVAILABLE, "a standby node, and its redirect leads nowhere",
        "Set address to the active node or its load balancer, or Vault's api_addr to an address that this host reaches.");
  // From here on it must be Vault that speaks: a login page or a captive proxy may not turn into "not found".
  if (!f.json)
    return make_failure(status, f, c, DSO_E_MALFORMED, "the answer is not Vault's JSON",
                        "Check address, and any proxy before Vault.");
  switch (status) {
    case 400: return bad_request(status, f, c);
    case 401:
      return make_failure(status, f, c, DSO_E_INVALID_CREDENTIALS, "the answer asks for other credentials",
                          "Check any proxy before Vault.");
    case 403: return denied(status, f, c);
    case 404: return absent(status, f, c);
    case 405:
      return make_failure(
          status, f, c, DSO_E_INVALID_REQUEST, "this path of Vault answers no read",
          "Name one that does, as database/creds/ROLE does: the path asked was " + quoted(c.path) + in_namespace(c) + ".");
    default:
      return make_failure(status, f, c, DSO_E_INVALID_REQUEST, "Vault answered " + std::to_string(status),
                          "Check the secret's name and mount: the path asked was " + quoted(c.path) + in_namespace(c) + ".");
  }
}

Failure malformed(int status, const Context& c, std::string_view what) {
  return make_failure(status, {}, c, DSO_E_MALFORMED, std::string(what),
                      "Check address, mount and kv_version, and any proxy before Vault.");
}

Failure token_refused(std::string_view identity, std::string_view next_step) {
  Failure f(DSO_E_INVALID_CREDENTIALS, "Vault does not accept the token: expired, revoked or of another cluster",
            std::string(next_step));
  f.store_code = "403";
  f.identity = identity;
  return f;
}

}  // namespace vault
