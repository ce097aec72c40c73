// The Query protocol: a form goes out, XML comes back.
#include "sts.h"

#include "aws_text.h"

namespace aws {
namespace {

void add(Secret& body, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  append(body, body.empty() ? "" : "&");
  append(body, name);
  append(body, "=");
  append_percent_encoded(body, value);
}

Secret form(std::string_view action, std::string_view role_arn, std::string_view session) {
  Secret body;
  add(body, "Action", action);
  add(body, "Version", "2011-06-15");
  add(body, "RoleArn", role_arn);
  add(body, "RoleSessionName", session);
  return body;
}

dso::sdk::Failure refused(const ErrorFacts& facts, const Context& context) {
  auto failure = failure_of(facts, context);
  failure.message = "cannot take on the role " + context.name + ": " + failure.message;
  if (failure.cls == DSO_E_ACCESS_DENIED)
    failure.next_step = "Let the role's trust policy name " + failure.identity + ", and allow it " + context.action + ".";
  if (failure.cls == DSO_E_NOT_FOUND || failure.cls == DSO_E_INVALID_REQUEST) failure.next_step = "Check role_arn.";
  return failure;
}

}  // namespace

Credentials Sts::ask(const Secret& body, std::string_view role_arn, std::string_view action, const Credentials* with) {
  const Reply reply = client_.send({.origin = origin_,
                                    .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
                                    .body = view(body),
                                    .region = region_,
                                    .service = "sts"},
                                   with);
  const Context context{.action = "sts:" + std::string(action),
                        .resource = std::string(role_arn),
                        .name = std::string(role_arn),
                        .region = region_,
                        .identity = with ? with->identity : "the web identity token"};
  if (!reply.ok()) throw refused(*reply.error, context);
  Credentials out;
  const Secret id = xml_element(reply.body, "AccessKeyId");
  out.access_key_id = view(id);
  out.secret_access_key = xml_element(reply.body, "SecretAccessKey");
  out.session_token = xml_element(reply.body, "SessionToken");
  const auto end = parse_iso_time(view(xml_element(reply.body, "Expiration")));
  if (out.empty() || out.secret_access_key.empty() || out.session_token.empty() || !end)
    throw malformed(context, reply.request_id, "the answer of STS holds no credentials");
  out.expires_ms = *end;
  out.identity = "role " + std::string(role_arn);
  return out;
}

Credentials Sts::assume_role(const RoleStep& role, const Credentials& with) {
  Secret body = form("AssumeRole", role.role_arn, role.session_name);
  add(body, "ExternalId", role.external_id);
  add(body, "DurationSeconds", role.seconds > 0 ? std::to_string(role.seconds) : std::string());
  return ask(body, role.role_arn, "AssumeRole", &with);
}

Credentials Sts::with_web_identity(std::string_view role_arn, std::string_view session, std::string_view token) {
  Secret body = form("AssumeRoleWithWebIdentity", role_arn, session);
  add(body, "WebIdentityToken", token);
  return ask(body, role_arn, "AssumeRoleWithWebIdentity", nullptr);
}

}  // namespace aws
