// Credentials of the machine, the container and a person's SSO login.
#include <boost/test/unit_test.hpp>

#include "metadata.h"
#include "provider_aws/bare_aws.h"

BOOST_AUTO_TEST_SUITE(aws_machine)

namespace {

using namespace fake;

}  // namespace

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

BOOST_FIXTURE_TEST_CASE(a_source_that_is_set_up_and_fails_ends_the_search, Bare) {
  instance("ASIANODE", host.now_ms + 60 * kMinute);
  const std::map<std::string, std::map<std::string, std::string>> broken{
      {"/no-token", {{"AWS_ROLE_ARN", "arn:aws:iam::1:role/pod"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/no-token"}}},
      {"does not answer", {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/x"}}},
      {"half a key pair", {{"AWS_ACCESS_KEY_ID", "AKIAENV"}}},
      {"no profile 'work'", {{"AWS_PROFILE", "work"}}}};
  for (const auto& [why, variables] : broken) {
    host.variables = variables;
    const auto e = open().fetch("a");
    BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE, why);
    BOOST_TEST(e.error(0).message.find(why) != std::string::npos, e.error(0).message);
  }
  BOOST_TEST(count(kRoles) == 0);
  host.variables.clear();
  BOOST_TEST(open().fetch("a").identity == "instance role web-role");
  const auto e = open(R"("region":"eu-west-1")", R"({"method":"access_key"})").fetch("a");
  BOOST_TEST(e.error(0).message.find("access_key_id") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
