// The chain of credential sources, their order, renewal and failures.
#include <boost/test/unit_test.hpp>

#include "aws_text.h"
#include "metadata.h"
#include "provider_aws/fake_aws.h"

namespace {

using fake::Aws;
using fake::item;
using fake::Response;

constexpr std::int64_t kMinute = 60'000;
const std::string kMetadata = "http://169.254.169.254/latest/";
const std::string kRoles = "GET " + kMetadata + "meta-data/iam/security-credentials/";
const std::string kSecret = item("a", R"("SecretString":"plain")");

std::string iso(std::int64_t ms) {
  const std::string t = aws::amz_date(ms);
  return t.substr(0, 4) + "-" + t.substr(4, 2) + "-" + t.substr(6, 2) + "T" + t.substr(9, 2) + ":" + t.substr(11, 2) + ":" +
         t.substr(13, 2) + "Z";
}
std::string keys(const std::string& id, std::int64_t end, const std::string& more = "") {
  return R"({"Code":"Success","AccessKeyId":")" + id + R"(","SecretAccessKey":"s-)" + id + R"(","Token":"t-)" + id +
         R"(","Expiration":")" + iso(end) + "\"" + more + "}";
}
Response assumed(const std::string& id, std::int64_t end) {
  return {200, "<R><Credentials><AccessKeyId>" + id +
                   "</AccessKeyId><SecretAccessKey>s/+</SecretAccessKey><SessionToken>tok&amp;" + id +
                   "</SessionToken><Expiration>" + iso(end) + "</Expiration></Credentials></R>"};
}

/// Nothing in the environment; one secret to fetch.
struct Bare : Aws {
  Bare() {
    host.variables.clear();
    answers["GetSecretValue"] = {{200, kSecret}};
  }
  std::string key_used() const {
    const std::string& a = last().headers.at("Authorization");
    const std::size_t at = a.find("Credential=") + 11;
    return a.substr(at, a.find('/', at) - at);
  }
  void instance(const std::string& id, std::int64_t end) {
    answers["PUT " + kMetadata + "api/token"] = {{200, "imds-token"}};
    answers[kRoles] = {{200, "web-role"}};
    answers[kRoles + "web-role"] = {{200, keys(id, end)}};
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(aws_credentials)

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

BOOST_FIXTURE_TEST_CASE(instance_metadata_with_a_token, Bare) {
  instance("ASIAEC2", host.now_ms + 6 * 60 * kMinute);
  auto i = open();
  BOOST_TEST(i.fetch("a").identity == "instance role web-role");
  BOOST_TEST(key_used() == "ASIAEC2");
  BOOST_TEST(host.requests[0].method == "PUT");
  BOOST_TEST(host.requests[0].headers.at("X-aws-ec2-metadata-token-ttl-seconds") == "21600");
  BOOST_TEST(host.requests[1].headers.at("X-aws-ec2-metadata-token") == "imds-token");
  // A token that is no longer taken is replaced once.
  host.now_ms += 6 * 60 * kMinute;
  answers[kRoles] = {{401, ""}, {200, "web-role"}};
  instance("ASIAEC3", host.now_ms + 60 * kMinute);
  answers[kRoles] = {{401, ""}, {200, "web-role"}};
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  BOOST_TEST(count("PUT " + kMetadata + "api/token") == 2);
}

BOOST_FIXTURE_TEST_CASE(expired_credentials_of_the_instance_are_used_on, Bare) {
  instance("ASIAOLD", host.now_ms - kMinute);
  auto i = open();
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  i.fetch("a");
  BOOST_TEST(count(kRoles + "web-role") == 1);
  host.now_ms += 11 * kMinute;
  i.fetch("a");
  BOOST_TEST(count(kRoles + "web-role") == 2);
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

BOOST_FIXTURE_TEST_CASE(containers, Bare) {
  host.variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"}};
  answers["GET http://169.254.170.2/v2/credentials/x"] = {
      {500, ""}, {200, keys("ASIAECS", host.now_ms + 60 * kMinute, R"(,"RoleArn":"arn:aws:iam::1:role/task")")}};
  BOOST_TEST(open().fetch("a").identity == "role arn:aws:iam::1:role/task");
  BOOST_TEST(key_used() == "ASIAECS");
  host.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
                    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/tok"}};
  host.files["/tok"] = "bearer\n";
  answers["GET http://169.254.170.23/v1/credentials"] = {{200, keys("ASIAEKS", host.now_ms + 60 * kMinute)}};
  auto i = open();
  i.fetch("a");
  BOOST_TEST(host.requests[host.requests.size() - 2].headers.at("Authorization") == "bearer");
  BOOST_TEST(key_used() == "ASIAEKS");
  host.files["/tok"] = "two\nlines";
  host.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  BOOST_TEST(open().fetch("a").error(0).message.find("line break") != std::string::npos);
  host.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/x";
  const auto e = open().fetch("a");
  BOOST_TEST(e.error(0).message.find("without TLS") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(where_a_container_token_may_go_in_the_clear) {
  for (const char* good : {"http://127.0.0.1:80/x", "http://localhost/x", "http://[::1]:8/x", "http://169.254.170.2/x",
                           "http://169.254.170.23/x", "http://[fd00:ec2::23]/x"})
    BOOST_TEST(aws::is_local_container_address(good), good);
  for (const char* bad : {"http://127.evil.example/x", "http://169.254.169.254/x", "http://localhost@evil.example/x",
                          "http://[fd00::1]/x", "https://127.0.0.1/x", "http://169.254.170.2.evil.example/x"})
    BOOST_TEST(!aws::is_local_container_address(bad), bad);
}

BOOST_FIXTURE_TEST_CASE(sso_with_the_cached_login, Bare) {
  host.files["~/.aws/config"] =
      "[profile s]\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=Read Only\n"
      "[sso-session corp]\nsso_region=eu-central-1\nsso_start_url=https://corp.awsapps.com/start\n";
  const std::string cache = "~/.aws/sso/cache/" + aws::sha1_hex("corp") + ".json";
  host.files[cache] = R"({"accessToken":"sso-token","expiresAt":")" + iso(host.now_ms + 60 * kMinute) + "\"}";
  const std::string asked =
      "GET https://portal.sso.eu-central-1.amazonaws.com/federation/credentials?account_id=123456789012&role_name=Read%20Only";
  answers[asked] = {
      {200, R"({"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":)" +
                std::to_string(host.now_ms + 60 * kMinute) + "}}"}};
  BOOST_TEST(open(R"("region":"eu-west-1","profile":"s")").fetch("a").identity == "SSO role Read Only in account 123456789012");
  BOOST_TEST(key_used() == "ASIASSO");
  BOOST_TEST(host.requests[0].headers.at("x-amz-sso_bearer_token") == "sso-token");
  host.files[cache] = R"({"accessToken":"sso-token","expiresAt":")" + iso(host.now_ms - 1) + "\"}";
  const auto e = open(R"("region":"eu-west-1","profile":"s")").fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(e.error(0).next_step.find("aws sso login --profile s") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_profiles_roles_and_its_process, Bare) {
  host.files["~/.aws/config"] =
      "[profile r]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=k\n[profile p]\ncredential_process=/bin/x\n";
  host.files["~/.aws/credentials"] = "[k]\naws_access_key_id=AKIAK\naws_secret_access_key=y\n";
  answers["AssumeRole"] = {assumed("ASIAR", host.now_ms + 60 * kMinute)};
  open(R"("region":"eu-west-1","profile":"r")").fetch("a");
  BOOST_TEST(key_used() == "ASIAR");
  for (const char* more : {"", R"(,"allow_credential_process":"true")"}) {
    const auto e = open(R"("region":"eu-west-1","profile":"p")" + std::string(more)).fetch("a");
    BOOST_TEST(e.cls(0) == DSO_E_UNSUPPORTED);
    BOOST_TEST(e.error(0).message.find("credential_process") != std::string::npos);
  }
  host.files["~/.aws/config"] = "[profile r\n";
  BOOST_TEST(open(R"("region":"eu-west-1","profile":"r")").fetch("a").error(0).message.find("line 1") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_region_from_the_instance, Bare) {
  instance("ASIAEC2", host.now_ms + 60 * kMinute);
  answers["GET " + kMetadata + "meta-data/placement/region"] = {{200, "eu-north-1"}};
  open("").fetch("a");
  BOOST_TEST(last().url == "https://secretsmanager.eu-north-1.amazonaws.com/");
  answers["GET " + kMetadata + "meta-data/placement/region"] = {{404, ""}};
  const auto e = open("").fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_REQUEST);
  BOOST_TEST(e.error(0).next_step.find("region") != std::string::npos);
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
