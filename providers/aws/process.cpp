// {"Version": 1, "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}, as the SDKs read it.
#include "process.h"

#include "aws_text.h"

namespace aws {
namespace {

[[noreturn]] void refuse_output(const std::string& profile, const std::string& what) {
  throw dso::sdk::Failure(DSO_E_CREDENTIALS_UNAVAILABLE, "the credential_process of profile '" + profile + "' " + what,
                          "It must print {\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …}; run it by hand to see.");
}

}  // namespace

Credentials process_credentials(const dso::sdk::Host& host, const Properties& profile, const std::string& name) {
  const auto document = Document::parse(host.credential_process(property(profile, "credential_process")));
  if (!document) refuse_output(name, "printed no JSON object");
  const auto& root = document->root();
  if (integer_at(root, "Version", 0) != 1) refuse_output(name, "did not print Version 1");
  Credentials out;
  out.access_key_id = string_at(root, "AccessKeyId");
  out.secret_access_key = secret(string_at(root, "SecretAccessKey"));
  out.session_token = secret(string_at(root, "SessionToken"));
  if (out.empty() || out.secret_access_key.empty()) refuse_output(name, "printed no key pair");
  if (const std::string_view end = string_at(root, "Expiration"); !end.empty()) {
    const auto at = parse_iso_time(end);
    if (!at) refuse_output(name, "printed an Expiration that is no time");
    if (*at <= host.now_ms()) refuse_output(name, "printed credentials that have expired");
    out.expires_ms = *at;
  }
  out.identity = "access key " + out.access_key_id + " of the credential_process of profile " + name;
  return out;
}

}  // namespace aws
