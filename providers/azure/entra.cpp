// Files are read again at each login: they are rotated in place.
#include "entra.h"

#include "assertion.h"
#include "azure_text.h"

namespace azure {

using dso::sdk::Failure;
using dso::sdk::HttpRequest;

namespace {

constexpr std::string_view kAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::string hex(const dso::sdk::Digest& digest) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < 16; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  return out;
}

}  // namespace

struct EntraCredential::Answer {
  int status = 0;
  std::optional<Document> document;
  Facts facts;
  std::int64_t skew_ms = 0;
};

Proof EntraCredential::proof() const {
  if (!app_.certificate_file.empty()) return Proof::certificate;
  return app_.federated_token_file.empty() ? Proof::client_secret : Proof::workload;
}

Identity EntraCredential::identity() const {
  switch (proof()) {
    case Proof::client_secret: return {"app " + app_.client_id + " (client secret)", app_.client_id};
    case Proof::certificate: return {"app " + app_.client_id + " (certificate)", app_.client_id};
    case Proof::workload: return {"app " + app_.client_id + " (workload identity)", app_.client_id};
  }
  return {};
}

Secret EntraCredential::body_of(const std::string& url, const Wanted& wanted) {
  Secret client_secret, assertion;
  switch (proof()) {
    case Proof::client_secret:
      client_secret =
          app_.client_secret_file.empty() ? app_.client_secret : one_line(host_, app_.client_secret_file, "client secret");
      break;
    case Proof::workload: assertion = one_line(host_, app_.federated_token_file, "federated token"); break;
    case Proof::certificate: {
      std::string_view pem;
      try {
        pem = host_.read_file(app_.certificate_file);
      } catch (Failure& f) {
        if (f.cls == DSO_E_ACCESS_DENIED) throw;  // the host does not trust it, and says why
        throw Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "cannot read " + app_.certificate_file + ": " + f.message,
                      "Put the certificate and its key there, both PEM.");
      }
      const std::int64_t now = host_.now_ms() + clock_ms_;
      AssertionFacts facts{.audience = url, .client_id = app_.client_id, .id = {}, .now_s = now / 1000};
      facts.id = hex(host_.sha256(app_.client_id + std::to_string(now) + "/" + std::to_string(++assertions_)));
      try {
        assertion = make_assertion(host_, pem, facts);
      } catch (Failure& f) {
        f.message = app_.certificate_file + ": " + f.message;
        throw;
      }
    }
  }
  return form_body({{"client_id", app_.client_id},
                    {"grant_type", "client_credentials"},
                    {"scope", wanted.resource + "/.default"},
                    {"client_secret", view(client_secret)},
                    {"client_assertion_type", assertion.empty() ? std::string_view() : kAssertionType},
                    {"client_assertion", view(assertion)},
                    {"claims", wanted.claims}});
}

EntraCredential::Answer EntraCredential::post(const std::string& url, const Wanted& wanted) {
  const Secret body = body_of(url, wanted);
  HttpRequest r{.method = "POST", .url = url, .body = view(body)};
  r.header("Content-Type", "application/x-www-form-urlencoded");
  r.header("Accept", "application/json");
  const std::int64_t before = host_.now_ms();
  try {
    const dso::sdk::HttpResponse response = host_.http(r);
    const std::int64_t after = host_.now_ms();
    Answer out{response.status(), Document::parse(response.body()), {}, 0};
    if (const auto date = http_date_ms(response.header("date"))) out.skew_ms = *date - (before + after) / 2;
    out.facts = facts_of(out.document);
    if (const auto id = response.header("x-ms-request-id"); !id.empty()) out.facts.request_id = id.substr(0, 64);
    out.facts.retry_after_ms = retry_after(response, after);
    return out;
  } catch (Failure& f) {
    f.message = "the login at " + authority_ + " failed: " + f.message;
    if (f.next_step.empty()) f.next_step = "Check that " + authority_ + " is reachable from this host, and ca_file.";
    f.identity = identity().text;
    throw;
  }
}

Token EntraCredential::get(const Wanted& wanted) {
  const std::string& tenant = app_.tenant_id.empty() ? wanted.tenant : app_.tenant_id;
  if (tenant.empty())
    throw Failure(DSO_E_INVALID_REQUEST, "no tenant_id, and the vault names none",
                  "Set auth.params.tenant_id (or the variable AZURE_TENANT_ID).");
  const std::string url = authority_ + "/" + tenant + "/oauth2/v2.0/token";
  try {
    Answer answer = post(url, wanted);
    // Our own signature was not of Entra's time: once more with its clock.
    if (answer.facts.aadsts == 700024 && proof() == Proof::certificate && is_skewed(answer.skew_ms) && clock_ms_ == 0) {
      host_.log(DSO_LOG_WARN, "this host's clock is not Entra ID's; the login is tried once with the latter");
      clock_ms_ = answer.skew_ms;
      Answer again = post(url, wanted);
      if (again.status != 200) clock_ms_ = 0;
      answer = std::move(again);
    }
    if (answer.status != 200) {
      const Login login{proof(), tenant, app_.client_id, app_.source, identity(), answer.skew_ms};
      throw login_failure(answer.status, answer.facts, login);
    }
    return token_of(answer.document, host_.now_ms(), identity());
  } catch (Failure& f) {
    if (f.identity.empty()) f.identity = identity().text;
    throw;
  }
}

}  // namespace azure
