// The tables of Key Vault; those of the logins are in login_errors.cpp. No I/O.
#include "azure_errors.h"

#include <algorithm>
#include <charconv>

#include "azure_text.h"

namespace azure {
namespace {

using dso::sdk::Failure;

constexpr std::string_view kRole = "Key Vault Secrets User";

std::string quoted(std::string_view s) {
  return "'" + std::string(s) + "'";
}

/// A code is a word; anything else is not shown.
std::string word(std::string_view s) {
  for (const char c : s)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) return {};
  return std::string(s.substr(0, 64));
}

std::int64_t number(std::string_view text) {
  std::int64_t out = -1;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && bad == std::errc() && end == text.data() + text.size() && out >= 0 && out <= 86'400'000 ? out : -1;
}

/// "AKV10032: …" → 10032's whole word; "AADSTS7000215: …" → its number.
std::string_view digits_after(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return {};
  const std::size_t end = std::min(text.find_first_not_of("0123456789", prefix.size()), text.size());
  return text.substr(prefix.size(), end - prefix.size());
}

Failure make(int status, const Facts& f, const Context& c, dso_class cls, std::string message, std::string next) {
  Failure out(cls, std::move(message), std::move(next));
  out.store_code = !f.inner.empty() ? f.inner : !f.code.empty() ? f.code : std::to_string(status);
  out.request_id = f.request_id;
  out.identity = c.identity.text;
  return out;
}

std::string give_role(const Context& c) {
  return "Give it the role \"" + std::string(kRole) + "\" on vault " + quoted(c.vault) + ": az role assignment create --role \"" +
         std::string(kRole) + "\" --assignee " + (c.identity.assignee.empty() ? "ITS-ID" : c.identity.assignee) +
         " --scope $(az keyvault show --name " + c.vault + " --query id -o tsv).";
}

Failure forbidden(int status, const Facts& f, const Context& c) {
  const std::string doing = c.operation == Context::Operation::list ? "list secrets" : "read this secret";
  if (f.inner == "SecretDisabled")
    return make(status, f, c, DSO_E_DISABLED,
                c.version.empty() ? "the secret's current version is disabled" : "this version is disabled",
                "Enable it (az keyvault secret set-attributes --enabled true --vault-name " + c.vault + " --name " + c.secret +
                    ") or set a new version.");
  if (f.inner == "ForbiddenByFirewall" || f.inner == "ForbiddenByConnection")
    return make(status, f, c, DSO_E_ACCESS_DENIED, "the firewall of vault " + quoted(c.vault) + " does not let this host in",
                f.inner == "ForbiddenByFirewall"
                    ? "Allow its address (az keyvault network-rule add --name " + c.vault +
                          " --ip-address ADDRESS), or reach the vault by its private endpoint."
                    : "Public access is off: reach vault " + quoted(c.vault) + " by its private endpoint.");
  if (f.inner == "ForbiddenByPolicy" || f.inner == "AccessDenied")
    return make(status, f, c, DSO_E_ACCESS_DENIED, "no access policy lets this identity " + doing,
                "Add one: az keyvault set-policy --name " + c.vault + " --spn " +
                    (c.identity.assignee.empty() ? "ITS-ID" : c.identity.assignee) +
                    " --secret-permissions get list; with RBAC vaults it is the role \"" + std::string(kRole) + "\".");
  return make(status, f, c, DSO_E_ACCESS_DENIED, "no role lets this identity " + doing, give_role(c));
}

Failure absent(int status, const Facts& f, const Context& c) {
  if (!f.code.ends_with("NotFound"))
    return make(status, f, c, DSO_E_MALFORMED, "the answer is not Key Vault's", "Check address, and any proxy before the vault.");
  if (!c.version.empty())
    return make(status, f, c, DSO_E_VERSION_NOT_FOUND, "there is no version " + quoted(c.version),
                "See az keyvault secret list-versions --vault-name " + c.vault + " --name " + c.secret + ".");
  return make(status, f, c, DSO_E_NOT_FOUND, "vault " + quoted(c.vault) + " has no such secret",
              "Check its name and the vault; if it was deleted: az keyvault secret recover --vault-name " + c.vault + " --name " +
                  c.secret + ".");
}

}  // namespace

Facts facts_of(const std::optional<Document>& document) {
  Facts f;
  if (!document) return f;
  f.json = true;
  const boost::json::object& root = document->root();
  if (const auto* error = object_at(root, "error")) {
    f.code = word(string_at(*error, "code"));
    if (const auto* inner = object_at(*error, "innererror")) f.inner = word(string_at(*inner, "code"));
    if (const auto akv = digits_after(string_at(*error, "message"), "AKV"); !akv.empty() && f.inner.empty())
      f.inner = "AKV" + std::string(akv.substr(0, 8));
    return f;
  }
  f.code = word(string_at(root, "error"));
  f.request_id = word(string_at(root, "trace_id"));
  if (const auto* codes = array_at(root, "error_codes"); codes && !codes->empty() && codes->front().is_int64())
    f.aadsts = codes->front().get_int64();
  if (const auto code = digits_after(string_at(root, "error_description"), "AADSTS"); f.aadsts == 0 && !code.empty())
    f.aadsts = std::max<std::int64_t>(number(code), 0);
  return f;
}

std::int64_t retry_after(std::string_view seconds_or_date, std::string_view ms, std::string_view ms_too, std::int64_t now_ms) {
  std::int64_t out = std::max(number(trimmed(ms)), number(trimmed(ms_too)));
  const std::string_view text = trimmed(seconds_or_date);
  if (const std::int64_t seconds = number(text); seconds >= 0)
    out = std::max(out, std::min<std::int64_t>(seconds, 86'400) * 1000);
  else if (const auto date = http_date_ms(text))
    out = std::max(out, std::clamp<std::int64_t>(*date - now_ms, 0, 86'400'000));
  return out;
}

std::int64_t retry_after(const dso::sdk::HttpResponse& r, std::int64_t now_ms) {
  return retry_after(r.header("retry-after"), r.header("retry-after-ms"), r.header("x-ms-retry-after-ms"), now_ms);
}

Failure vault_failure(int status, const Facts& f, const Context& c) {
  Failure out(DSO_E_MALFORMED, {});
  if (status == 429)
    out =
        make(status, f, c, DSO_E_THROTTLED, "vault " + quoted(c.vault) + " takes no more requests for now",
             "Raise agent.watch.polling_interval, or spread the secrets over more vaults: a vault takes 4,000 requests in 10 s.");
  else if (status >= 500 || status == 408)
    out = make(status, f, c, DSO_E_UNAVAILABLE, "Key Vault answered " + std::to_string(status),
               "Check Azure's status page, and any proxy before the vault.");
  // From here on it must be Key Vault that speaks: a login page or a captive proxy may not turn into "not found".
  else if (!f.json)
    out = malformed(status, c, "the answer is not Key Vault's JSON");
  else if (status == 401)
    out = make(status, f, c, DSO_E_INVALID_CREDENTIALS, "the vault does not accept the token",
               f.inner == "AKV10032"
                   ? "The identity is of another tenant than vault " + quoted(c.vault) + ": check tenant_id."
                   : "Check tenant_id and the cloud: the token must be of vault " + quoted(c.vault) + "'s own tenant.");
  else if (status == 403)
    out = forbidden(status, f, c);
  else if (status == 404)
    out = absent(status, f, c);
  else if (status == 409 && (f.inner == "ObjectIsDeletedButRecoverable" || f.inner == "ObjectIsBeingDeleted"))
    out =
        make(status, f, c, DSO_E_DELETED, "the secret was deleted and can still be recovered",
             "Recover it (az keyvault secret recover --vault-name " + c.vault + " --name " + c.secret + ") or use another name.");
  else if (status == 409)
    out = make(status, f, c, DSO_E_UNAVAILABLE, "the secret is being changed", "It is asked again.");
  else
    out = make(status, f, c, DSO_E_INVALID_REQUEST, "Key Vault refuses the request",
               "Check the secret's name and version: letters, digits and '-'.");
  out.retry_after_ms = f.retry_after_ms;
  return out;
}

Failure malformed(int status, const Context& c, std::string_view what) {
  return make(status, {}, c, DSO_E_MALFORMED, std::string(what), "Check address, and any proxy before the vault.");
}

}  // namespace azure
