// The chain of credential sources, their order, renewal and failures.
#include <boost/test/unit_test.hpp>

#include "provider_aws/bare_aws.h"

BOOST_AUTO_TEST_SUITE(aws_credentials)

namespace {

using namespace fake;

}  // namespace

BOOST_FIXTURE_TEST_CASE(settings_come_first_and_files_are_read_anew, Bare) {
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "x"}};
  host.files = {{"/k", "sec\n"}, {"/t", "tok"}};
  const std::string settings =
      R"("region":"eu-west-1","access_key_id":"AKIASET","secret_access_key_file":"/k","session_token_file":"/t")";
  auto i = open(settings);
  BOOST_TEST(i.fetch("a").identity == "access key AKIASET");
  BOOST_TEST(key_used() == "AKIASET");
  BOOST_TEST(last().headers.at("X-Amz-Security-Token") == "tok");
  // The key was rotated in the file: one refusal, the new one, no error.
  answers["GetSecretValue"] = {fake::refused("UnrecognizedClientException"), {200, kSecret}};
  host.files["/t"] = "tok2";
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  BOOST_TEST(last().headers.at("X-Amz-Security-Token") == "tok2");
  // Refused with nothing new: asked once, and said.
  answers["GetSecretValue"] = {fake::refused("UnrecognizedClientException")};
  const auto asked = host.requests.size();
  const auto e = i.fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_CREDENTIALS);
  BOOST_TEST(e.error(0).identity == "access key AKIASET");
  BOOST_TEST(host.requests.size() == asked + 1);
  host.files.erase("/k");
  BOOST_TEST(open(settings).fetch("a").cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
}

BOOST_FIXTURE_TEST_CASE(the_environment_counts_unless_a_profile_is_set, Bare) {
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "x"}};
  host.files["~/.aws/credentials"] = "[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=y\n";
  open().fetch("a");
  BOOST_TEST(key_used() == "AKIAENV");
  open(R"("region":"eu-west-1","profile":"work")").fetch("a");
  BOOST_TEST(key_used() == "AKIAWORK");
  host.variables = {{"AWS_PROFILE", "work"}};
  BOOST_TEST(open().fetch("a").identity == "access key AKIAWORK of profile work");
  const auto e = open(R"("region":"eu-west-1","profile":"none")").fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(e.error(0).message.find("'none'") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_role_on_top, Bare) {
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "x"}};
  answers["AssumeRole"] = {assumed("ASIAROLE", host.now_ms + 60 * kMinute)};
  auto i = open(R"("region":"eu-west-1","role_arn":"arn:aws:iam::1:role/dso","external_id":"e/1")");
  BOOST_TEST(i.fetch("a").identity == "role arn:aws:iam::1:role/dso");
  BOOST_TEST(key_used() == "ASIAROLE");
  BOOST_TEST(last().headers.at("X-Amz-Security-Token") == "tok&ASIAROLE");
  BOOST_TEST(host.requests[0].url == "https://sts.eu-west-1.amazonaws.com/");
  BOOST_TEST(host.requests[0].body ==
             "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fdso&RoleSessionName=dso-prod&"
             "ExternalId=e%2F1");
  BOOST_TEST(host.requests[0].headers.at("Authorization").find("/sts/aws4_request") != std::string::npos);
  i.fetch("a");
  BOOST_TEST(count("AssumeRole") == 1);
  answers["AssumeRole"] = {{403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"}};
  const auto e = open(R"("region":"eu-west-1","role_arn":"arn:aws:iam::1:role/dso")").fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_ACCESS_DENIED);
  BOOST_TEST(e.error(0).next_step.find("trust policy") != std::string::npos);
  BOOST_TEST(e.error(0).next_step.find("access key AKIAENV") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(renewal_keeps_what_still_works, Bare) {
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "x"}};
  const std::int64_t start = host.now_ms;
  answers["AssumeRole"] = {assumed("ASIA1", start + 60 * kMinute), {500, "x"}};
  auto i = open(R"("region":"eu-west-1","role_arn":"arn:aws:iam::1:role/dso")");
  i.fetch("a");
  host.now_ms = start + 44 * kMinute;
  i.fetch("a");
  BOOST_TEST(count("AssumeRole") == 1);
  host.now_ms = start + 46 * kMinute;  // advisory: STS is down, the old ones do
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  BOOST_TEST(count("AssumeRole") == 2);
  i.fetch("a");
  BOOST_TEST(count("AssumeRole") == 2);
  BOOST_TEST(!host.log.empty());
  host.now_ms = start + 52 * kMinute;  // mandatory: asked at each call
  i.fetch("a"), i.fetch("a");
  BOOST_TEST(count("AssumeRole") == 4);
  BOOST_TEST(key_used() == "ASIA1");
  host.now_ms = start + 61 * kMinute;
  BOOST_TEST(i.fetch({{"a", ""}, {"b", "AWSPREVIOUS"}}).cls(0) == DSO_E_UNAVAILABLE);
  BOOST_TEST(count("AssumeRole") == 5);  // once a call, not once a reference
  answers["AssumeRole"] = {assumed("ASIA2", host.now_ms + 60 * kMinute)};
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  BOOST_TEST(key_used() == "ASIA2");
}

BOOST_FIXTURE_TEST_CASE(web_identity_is_not_signed_and_reads_its_token_again, Bare) {
  host.variables = {{"AWS_ROLE_ARN", "arn:aws:iam::1:role/web"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}};
  host.files["/token"] = "jwt.one\n";
  answers["AssumeRoleWithWebIdentity"] = {assumed("ASIAW1", host.now_ms + 5 * kMinute),
                                          assumed("ASIAW2", host.now_ms + 90 * kMinute)};
  auto i = open();
  BOOST_TEST(i.fetch("a").identity == "role arn:aws:iam::1:role/web");
  BOOST_TEST(host.requests[0].body.ends_with("&WebIdentityToken=jwt.one"));
  BOOST_TEST(!host.requests[0].headers.contains("Authorization"));
  host.files["/token"] = "jwt.two";
  host.now_ms += 6 * kMinute;
  i.fetch("a");
  BOOST_TEST(host.requests[2].body.ends_with("&WebIdentityToken=jwt.two"));
  BOOST_TEST(key_used() == "ASIAW2");
  // The settings say the same, before anything else.
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "x"}};
  open(R"("region":"eu-west-1","role_arn":"arn:aws:iam::1:role/w","web_identity_token_file":"/token")").fetch("a");
  BOOST_TEST(key_used() == "ASIAW2");
}

BOOST_FIXTURE_TEST_CASE(nothing_at_all_names_what_was_looked_at, Bare) {
  answers["PUT " + kMetadata + "api/token"] = {{.failure = DSO_E_TIMEOUT}};
  const auto e = open().fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  for (const char* part :
       {"environment", "web identity", "profile", "container", "instance metadata", "hop limit to 2", "host network"})
    BOOST_TEST(e.error(0).message.find(part) != std::string::npos, part << " in " << e.error(0).message);
  host.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  const auto asked = host.requests.size();
  BOOST_TEST(open().fetch("a").cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(host.requests.size() == asked);
}

BOOST_FIXTURE_TEST_CASE(a_profiles_roles, Bare) {
  host.files["~/.aws/config"] = "[profile r]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=k\n";
  host.files["~/.aws/credentials"] = "[k]\naws_access_key_id=AKIAK\naws_secret_access_key=y\n";
  answers["AssumeRole"] = {assumed("ASIAR", host.now_ms + 60 * kMinute)};
  open(R"("region":"eu-west-1","profile":"r")").fetch("a");
  BOOST_TEST(key_used() == "ASIAR");
  host.files["~/.aws/config"] = "[profile r\n";
  BOOST_TEST(open(R"("region":"eu-west-1","profile":"r")").fetch("a").error(0).message.find("line 1") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_profiles_process_if_the_config_allows_it, Bare) {
  host.files["~/.aws/config"] = "[profile p]\ncredential_process=/bin/x --y 'z'\n";
  const std::string profile = R"("region":"eu-west-1","profile":"p")";
  const std::string allowed = R"({"params":{"allow_credential_process":"true"}})";
  const auto refused = open(profile).fetch("a");
  BOOST_TEST(refused.cls(0) == DSO_E_UNSUPPORTED);
  BOOST_TEST(refused.error(0).next_step.find("auth: {params: {allow_credential_process: true}}") != std::string::npos);
  BOOST_TEST(host.programs.empty());

  // its end is an hour away: one run, until the last fifteen minutes
  host.printed = R"({"Version":1,"AccessKeyId":"ASIAP","SecretAccessKey":"s","SessionToken":"t","Expiration":")" +
                 fake::iso(host.now_ms + 60 * kMinute) + "\"}";
  auto i = open(profile, allowed);
  i.fetch("a");
  BOOST_TEST(key_used() == "ASIAP");
  BOOST_TEST((host.programs == std::vector<std::string>{"/bin/x --y 'z'"}));
  host.now_ms += 44 * kMinute;
  i.fetch("a");
  BOOST_TEST(host.programs.size() == 1u);
  host.now_ms += 2 * kMinute;
  host.printed = R"({"Version":1,"AccessKeyId":"AKIAQ","SecretAccessKey":"s"})";
  i.fetch("a");
  BOOST_TEST(key_used() == "AKIAQ");
  host.now_ms += 10'000 * kMinute;
  i.fetch("a");
  BOOST_TEST(host.programs.size() == 2u);  // without an end

  for (const auto& [text, said] :
       {std::pair{"hunter2", "no JSON object"},
        {R"({"AccessKeyId":"hunter2","SecretAccessKey":"x"})", "Version 1"},
        {R"({"Version":1,"AccessKeyId":"","SecretAccessKey":"hunter2"})", "no key pair"},
        {R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"hunter2","Expiration":"tomorrow"})", "no time"},
        {R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"hunter2","Expiration":"2020-01-01T00:00:00Z"})", "have expired"}}) {
    host.printed = text;
    const auto bad = open(profile, allowed).fetch("a");
    BOOST_TEST(bad.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
    BOOST_TEST(bad.error(0).message.find(said) != std::string::npos, bad.error(0).message);
    BOOST_TEST(bad.error(0).message.find("hunter2") == std::string::npos);
  }
  host.printed.reset();
  BOOST_TEST(open(profile, allowed).fetch("a").cls(0) == DSO_E_ACCESS_DENIED);
}

BOOST_FIXTURE_TEST_CASE(no_credential_reaches_an_error_or_the_log, Bare) {
  host.variables = {
      {"AWS_ACCESS_KEY_ID", "AKIAENV"}, {"AWS_SECRET_ACCESS_KEY", "c4n4ry-key"}, {"AWS_SESSION_TOKEN", "c4n4ry-token"}};
  for (const char* code : {"AccessDeniedException", "InvalidSignatureException", "ExpiredTokenException", "Odd"}) {
    answers["GetSecretValue"] = {fake::refused(code, "c4n4ry-key")};
    const auto e = open().fetch("a").error(0);
    BOOST_TEST((e.message + e.next_step + e.identity + e.store_code + e.request_id).find("c4n4ry") == std::string::npos);
  }
  for (const std::string& line : host.log) BOOST_TEST(line.find("c4n4ry") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
