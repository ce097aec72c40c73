// The tables of the logins: Entra ID's AADSTS numbers and the identity endpoints' statuses. No I/O.
#include <cstdlib>

#include "azure_errors.h"

namespace azure {
namespace {

using dso::sdk::Failure;

struct Known {
  std::int64_t code;
  std::string_view message, next;  ///< Empty: what the proof says.
};
constexpr Known kKnown[] = {
    {700016, "Entra ID knows no such application in this tenant", "Check client_id and tenant_id."},
    {7000229, "the application has no service principal in this tenant", "Create it: az ad sp create --id CLIENT-ID."},
    {7000112, "the application is disabled", "Enable it in Entra ID."},
    {90002, "Entra ID knows no such tenant", "Check tenant_id, and the cloud (AZURE_AUTHORITY_HOST)."},
    {900023, "Entra ID knows no such tenant", "Check tenant_id, and the cloud (AZURE_AUTHORITY_HOST)."},
    {7000222, "the client secret has expired", "Make a new one (az ad app credential reset) and put it where the old one was."},
    {500011, "Key Vault is not known in this tenant", "Check tenant_id, and the cloud (AZURE_AUTHORITY_HOST)."},
    {53003, "a Conditional Access policy blocks the login", "Exclude this workload from it, or allow this host's address."},
};

std::string minutes(std::int64_t ms) {
  return std::to_string((std::abs(ms) + 30'000) / 60'000) + " minutes";
}

std::string refused_message(Proof proof) {
  switch (proof) {
    case Proof::client_secret: return "Entra ID does not accept the client secret";
    case Proof::certificate: return "Entra ID does not accept the certificate";
    case Proof::workload: return "Entra ID does not accept the federated token";
  }
  return {};
}

std::string refused_next(const Login& l) {
  switch (l.proof) {
    case Proof::client_secret:
      return "Give the secret's value (not its id) in " + l.source + "; a new one: az ad app credential reset --id " +
             l.client_id + ".";
    case Proof::certificate:
      return "Register the certificate of " + l.source + " with the application: az ad app credential reset --id " + l.client_id +
             " --cert @FILE --append.";
    case Proof::workload:
      return "Check the federated credential's issuer, subject and audience (az identity federated-credential list, or az ad app "
             "federated-credential list --id " +
             l.client_id + "), and that " + l.source + " is renewed.";
  }
  return {};
}

}  // namespace

bool is_skewed(std::int64_t skew_ms) {
  return std::abs(skew_ms) > 4 * 60'000;
}

Failure login_failure(int status, const Facts& f, const Login& l) {
  Failure out(DSO_E_INVALID_CREDENTIALS, refused_message(l.proof), refused_next(l));
  out.store_code = f.aadsts ? "AADSTS" + std::to_string(f.aadsts) : f.code.empty() ? std::to_string(status) : f.code;
  out.request_id = f.request_id;
  out.identity = l.identity.text;
  out.retry_after_ms = f.retry_after_ms;
  if (status == 429) {
    out.cls = DSO_E_THROTTLED;
    out.message = "Entra ID takes no more logins of this application for now";
    out.next_step = "It is asked again; if this stays, too many instances share one application.";
  } else if (status >= 500 || status == 408 || f.code == "temporarily_unavailable") {
    out.cls = DSO_E_UNAVAILABLE;
    out.message = "Entra ID answered " + std::to_string(status);
    out.next_step = "Check Azure's status page, and any proxy before the login host.";
  } else if (!f.json) {
    out.cls = DSO_E_MALFORMED;
    out.message = "the answer to the login is not Entra ID's JSON";
    out.next_step = "Check AZURE_AUTHORITY_HOST, and any proxy before it.";
  } else if (f.aadsts == 700024 && is_skewed(l.skew_ms)) {
    out.cls = DSO_E_CLOCK_SKEW;
    out.message = "this host's clock is " + minutes(l.skew_ms) + (l.skew_ms > 0 ? " behind" : " ahead of") + " Entra ID's";
    out.next_step = "Start time synchronisation (timedatectl set-ntp true).";
  } else {
    for (const Known& k : kKnown)
      if (k.code == f.aadsts) {
        out.message = k.message;
        out.next_step = k.next;
      }
  }
  return out;
}

Failure managed_failure(int status, const Facts& f, Endpoint endpoint, std::string_view client_id, std::string_view identity) {
  const bool own = client_id.empty();
  Failure out(DSO_E_CREDENTIALS_UNAVAILABLE, "the identity endpoint answered " + std::to_string(status), {});
  out.store_code = f.code.empty() ? std::to_string(status) : f.code;
  out.request_id = f.request_id;
  out.identity = identity;
  out.retry_after_ms = f.retry_after_ms;
  const std::string assign = endpoint == Endpoint::vm            ? "az vm identity assign"
                             : endpoint == Endpoint::app_service ? "az webapp identity assign or az containerapp identity assign"
                                                                 : "azcmagent connect";
  if (status == 429) {
    out.cls = DSO_E_THROTTLED;
    out.message = "the identity endpoint takes no more requests for now";
    out.next_step = "It is asked again.";
  } else if (status == 404 || status == 410 || status >= 500 || status == 408) {
    out.cls = DSO_E_UNAVAILABLE;
    out.message = "the identity endpoint is not ready (" + std::to_string(status) + ")";
    out.next_step = "It is asked again; it may take a minute after a restart.";
  } else if (status == 400) {
    out.message = own ? "this machine has no identity of its own" : "this machine has no identity " + std::string(client_id);
    out.next_step = "Assign one (" + assign + "), or set managed_identity_client_id to one that it has.";
  } else if (status == 401 || status == 403) {
    out.message = status == 403 && endpoint == Endpoint::vm ? "there is no identity endpoint here: it is unreachable"
                                                            : "the identity endpoint refuses this process";
    out.next_step = endpoint == Endpoint::arc ? "Let the user that DSO runs as read the agent's key files (group himds)."
                                              : "Run DSO where the managed identity is, or use another auth method.";
  }
  return out;
}

}  // namespace azure
