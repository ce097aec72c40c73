// Reads the cache, asks the portal. A refresh of the token itself is the CLI's: the new one would have to be written.
#include "sso.h"
#include "aws_errors.h"

#include "aws_text.h"
#include "endpoints.h"

namespace aws {

using dso::sdk::Failure;

namespace {

Secret cached_token(const dso::sdk::Host& host, const std::string& path, const std::string& log_in) {
  std::string_view content;
  try {
    content = host.read_file(path);
  } catch (const Failure& f) {
    if (f.cls == DSO_E_ACCESS_DENIED) throw;  // the host does not trust it, and says why
    unavailable("no SSO login is there: cannot read " + path + ": " + f.message, log_in);
  }
  const auto document = Document::parse(content);
  const std::string_view token = document ? string_at(document->root(), "accessToken") : std::string_view();
  const auto end = document ? parse_iso_time(string_at(document->root(), "expiresAt")) : std::nullopt;
  if (token.empty() || !end) unavailable(path + " holds no SSO token", log_in);
  if (*end <= host.now_ms()) unavailable("the SSO login has expired", log_in);
  return secret(token);
}

Failure refused(const ErrorFacts& facts, const Context& context, const std::string& log_in) {
  Failure f = failure_of(facts, context);
  if (facts.status == 401) f.cls = DSO_E_INVALID_CREDENTIALS, f.message = "the SSO login has expired or was ended";
  f.next_step = log_in;
  return f;
}

}  // namespace

std::string sso_cache_file(std::string_view session_or_url) {
  return "~/.aws/sso/cache/" + sha1_hex(session_or_url) + ".json";
}

Credentials sso_credentials(const dso::sdk::Host& host, Client& client, const ProfileFile& file, const ProfilePlan& plan) {
  const Properties& p = *plan.properties;
  const std::string session(property(p, "sso_session"));
  const Properties* login = &p;
  if (!session.empty()) {
    const auto found = file.sso_sessions.find(session);
    if (found == file.sso_sessions.end())
      unavailable("the profile '" + plan.profile + "' names the sso-session '" + session + "', which is not there",
                  "Add [sso-session " + session + "] to the config file.");
    login = &found->second;
  }
  const std::string region(property(*login, "sso_region")), start(property(*login, "sso_start_url"));
  const std::string account(property(p, "sso_account_id")), role(property(p, "sso_role_name"));
  if (!is_region(region) || start.empty() || account.empty() || role.empty())
    unavailable("the profile '" + plan.profile + "' does not say all that SSO needs",
                "Run aws configure sso; it writes sso_region, sso_start_url, sso_account_id and sso_role_name.");
  const std::string log_in = "Run aws sso login --profile " + plan.profile + "; on a server a role is the better choice.";
  const Secret token = cached_token(host, sso_cache_file(session.empty() ? start : session), log_in);
  const std::string origin = endpoint_of(Service::sso, region, false, false);
  const std::string query = "account_id=" + percent_encoded(account) + "&role_name=" + percent_encoded(role);
  const Reply reply = client.send({.method = "GET",
                                   .origin = origin,
                                   .path = "/federation/credentials",
                                   .query = query,
                                   .headers = {{"x-amz-sso_bearer_token", view(token)}}},
                                  nullptr);
  const Context context{.action = "sso:GetRoleCredentials",
                        .name = role,
                        .region = region,
                        .identity = "SSO role " + role + " in account " + account};
  if (!reply.ok()) throw refused(*reply.error, context, log_in);
  const auto document = Document::parse(reply.body);
  const auto* given = document ? object_at(document->root(), "roleCredentials") : nullptr;
  Credentials out;
  if (given) {
    out.access_key_id = string_at(*given, "accessKeyId");
    out.secret_access_key = secret(string_at(*given, "secretAccessKey"));
    out.session_token = secret(string_at(*given, "sessionToken"));
    out.expires_ms = integer_at(*given, "expiration", 0);
  }
  if (out.empty() || out.secret_access_key.empty())
    throw malformed(context, reply.request_id, "the SSO portal gave an answer without credentials");
  out.identity = context.identity;
  return out;
}

}  // namespace aws
