// A token is sent to the configured vault only, and only one that is for it.
#include "vault_client.h"

#include "azure_text.h"

namespace azure {

using dso::sdk::Failure;
using dso::sdk::HttpRequest;
using dso::sdk::HttpResponse;

Context VaultClient::context(Context::Operation operation, std::string_view secret, std::string_view version) const {
  return {.operation = operation,
          .vault = settings_.vault,
          .secret = std::string(secret),
          .version = std::string(version),
          .identity = session_.identity()};
}

Reply VaultClient::send(const std::string& path, std::string_view token) {
  const std::string url = settings_.origin + path;
  HttpRequest r{.url = url};
  r.header("Accept", "application/json");
  Secret bearer;
  if (!token.empty()) {
    bearer = secret("Bearer ");
    bearer.insert(bearer.end(), token.begin(), token.end());
    r.header("Authorization", view(bearer));
  }
  try {
    const HttpResponse response = host_.http(r);
    const std::int64_t now = host_.now_ms();
    Reply out;
    out.status = response.status();
    out.document = Document::parse(response.body());
    out.facts = facts_of(out.document);
    out.facts.request_id = response.header("x-ms-request-id").substr(0, 64);
    out.facts.retry_after_ms = retry_after(response, now);
    out.challenge = response.header("www-authenticate");
    out.server_time_s = http_date_ms(response.header("date")).value_or(now) / 1000;
    return out;
  } catch (Failure& f) {
    if (f.next_step.empty() && f.cls == DSO_E_NETWORK)
      f.next_step = "Check that " + settings_.origin + " is right and reachable from this host.";
    if (f.next_step.empty() && f.cls == DSO_E_TLS)
      f.next_step = "Check address; where a proxy or private gateway answers for the vault, set ca_file to its CA.";
    throw;
  }
}

/// What the challenge of a 401 asks for.
void VaultClient::learn(const Reply& reply) {
  const auto parameters = bearer_parameters(reply.challenge);
  try {
    challenge_ = checked_challenge(parameters, settings_.host, settings_.verify_challenge_resource);
  } catch (Failure& f) {
    f.store_code = std::to_string(reply.status);
    f.request_id = reply.facts.request_id;
    throw session_.give_up(f);
  }
}

Reply VaultClient::get(const std::string& path) {
  session_.check();
  if (!challenge_) {
    const Reply reply = send(path, {});
    if (reply.status == 200)
      throw session_.give_up(
          malformed(reply.status, context(Context::Operation::read), "the address answers without asking who we are"));
    // A firewall may refuse before anybody is asked who he is; throttling and outages likewise.
    if (reply.status != 401) throw session_.give_up(vault_failure(reply.status, reply.facts, context(Context::Operation::read)));
    learn(reply);
  }
  Wanted wanted{challenge_->resource, challenge_->tenant, {}};
  Reply reply = send(path, session_.token(wanted));
  if (reply.status != 401) return reply;
  // Expired by the vault's clock, revoked, or lacking claims that it wants to see.
  const auto parameters = bearer_parameters(reply.challenge);
  if (parameters.contains("authorization") || parameters.contains("authorization_uri")) learn(reply);
  wanted = {challenge_->resource, challenge_->tenant, {}};
  if (const auto claims = parameters.find("claims"); claims != parameters.end())
    if (const auto text = base64_decode(claims->second)) wanted.claims = view(*text);
  const std::string_view token = session_.replace(wanted);
  if (!token.empty()) reply = send(path, token);
  if (reply.status == 401) throw session_.give_up(vault_failure(reply.status, reply.facts, context(Context::Operation::read)));
  return reply;
}

Reply VaultClient::get(const std::string& path, Context c) {
  Reply reply = get(path);
  c.identity = session_.identity();  // the first request logged in
  if (reply.status < 200 || reply.status > 299) throw vault_failure(reply.status, reply.facts, c);
  if (!reply.document) throw malformed(reply.status, c, "the answer is not Key Vault's JSON");
  return reply;
}

std::string VaultClient::own_path(std::string_view link, const Context& c) const {
  const auto url = parse_https(link);
  if (!url || url->origin() != settings_.origin)
    throw malformed(200, c, "the link to the next page leads to another host than the vault");
  return url->path;
}

}  // namespace azure
