// Logins by the identity of a cloud: what Vault gets to see of it, and who else is asked.
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "aws_text.h"
#include "provider_vault/fake_vault.h"

BOOST_AUTO_TEST_SUITE(vault_cloud_login)

namespace {

const std::string kMounted = R"("mount":"secret","kv_version":"2")";
const std::string kMetadata = "http://169.254.169.254/metadata/";

struct WithCloud : fake::Vault {
  std::function<fake::Response(const fake::Request&)> vault = host.on_http;
  std::string login;  ///< The body of the last one.

  WithCloud() {
    good_token = "t1";
    answers["GET secret/data/x"] = {fake::kv2(R"({"p":"v"})")};
    for (const char* mount : {"aws", "azure", "cloud"})
      answers["POST auth/" + std::string(mount) + "/login"] = {
          {200, R"({"auth":{"client_token":"t1","lease_duration":60,"renewable":true,"metadata":{"role_name":"web"}}})"}};
    host.on_http = [this](const fake::Request& r) -> fake::Response {
      if (r.url.ends_with("/login")) login = r.body;
      if (!r.url.starts_with(kMetadata)) return vault(r);
      if (!r.headers.contains("Metadata")) return {400};
      if (r.url.find("/identity/") != std::string::npos)
        return {200, R"({"access_token":"jwt.of.vm","expires_in":"3600","client_id":"c1"})"};
      return metadata;
    };
  }
  fake::Response metadata{
      200, R"({"compute":{"name":"vm1","resourceGroupName":"rg","subscriptionId":"sub","vmScaleSetName":"","location":"x"}})"};

  std::string sent(const char* key) const {
    const auto value = boost::json::parse(login).as_object().at(key).as_string();
    const auto plain = aws::base64_decoded({value.data(), value.size()});
    BOOST_REQUIRE(plain.has_value());
    return {plain->begin(), plain->end()};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(aws_proves_itself_by_a_signed_request_that_vault_sends_on, WithCloud) {
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIA1"}, {"AWS_SECRET_ACCESS_KEY", "the-key"}, {"AWS_SESSION_TOKEN", "the-token"}};
  auto i = open(kMounted, R"({"method":"aws","params":{"role":"web","header_value":"vault.example"}})");
  const auto e = i.fetch("x");
  BOOST_TEST(e.field(0, "p") == "v");
  BOOST_TEST(e.identity == "aws web");
  BOOST_TEST(host.requests.size() == 2u);  // nobody but Vault is asked
  BOOST_TEST(boost::json::parse(login).at("role").as_string() == "web");
  BOOST_TEST(boost::json::parse(login).at("iam_http_request_method").as_string() == "POST");
  BOOST_TEST(sent("iam_request_url") == "https://sts.amazonaws.com/");
  BOOST_TEST(sent("iam_request_body") == "Action=GetCallerIdentity&Version=2011-06-15");
  const auto headers = boost::json::parse(sent("iam_request_headers"));
  BOOST_TEST(headers.at("X-Vault-AWS-IAM-Server-ID").at(0).as_string() == "vault.example");
  BOOST_TEST(headers.at("X-Amz-Security-Token").at(0).as_string() == "the-token");
  BOOST_TEST(headers.at("X-Amz-Date").at(0).as_string() == "20231114T221320Z");
  const std::string signature(headers.at("Authorization").at(0).as_string());
  BOOST_TEST(signature.find("Credential=AKIA1/20231114/us-east-1/sts/aws4_request") != std::string::npos);
  BOOST_TEST(signature.find("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-vault-aws-iam-server-id,") !=
             std::string::npos);
  BOOST_TEST(login.find("the-key") == std::string::npos);
  BOOST_TEST(sent("iam_request_headers").find("the-key") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(aws_in_a_region_and_at_a_mount_of_its_own, WithCloud) {
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIA1"}, {"AWS_SECRET_ACCESS_KEY", "k"}, {"AWS_REGION", "us-west-2"}};
  BOOST_TEST(open(kMounted, R"({"method":"aws","params":{"mount":"cloud","region":"cn-north-1"}})").fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(sent("iam_request_url") == "https://sts.cn-north-1.amazonaws.com.cn/");
  BOOST_TEST(open(kMounted, R"({"method":"aws"})").fetch("x").cls(0) == DSO_OK);
  BOOST_TEST(sent("iam_request_url") == "https://sts.us-west-2.amazonaws.com/");
  BOOST_TEST(sent("iam_request_headers").find("X-Vault-AWS-IAM-Server-ID") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(aws_without_credentials_says_where_it_looked, WithCloud) {
  host.variables = {{"AWS_EC2_METADATA_DISABLED", "true"}};
  const auto e = open(kMounted, R"({"method":"aws"})").fetch("x");
  BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(login.empty());
}

BOOST_FIXTURE_TEST_CASE(azure_proves_itself_by_the_managed_identity, WithCloud) {
  auto i = open(kMounted, R"({"method":"azure","params":{"role":"web"}})");
  BOOST_TEST(i.fetch("x").field(0, "p") == "v");
  BOOST_TEST(
      login ==
      R"({"role":"web","jwt":"jwt.of.vm","subscription_id":"sub","resource_group_name":"rg","vm_name":"vm1","vmss_name":""})");
  const auto asked = std::find_if(host.requests.begin(), host.requests.end(),
                                  [](const auto& r) { return r.url.find("resource=") != std::string::npos; });
  BOOST_REQUIRE((asked != host.requests.end()));
  BOOST_TEST(asked->url.find("resource=https%3A%2F%2Fmanagement.azure.com%2F") != std::string::npos);
  open(kMounted, R"({"method":"azure","params":{"role":"web","resource":"api://vault","client_id":"abc"}})").fetch("x");
  const auto last = std::find_if(host.requests.rbegin(), host.requests.rend(),
                                 [](const auto& r) { return r.url.find("resource=") != std::string::npos; });
  BOOST_TEST(last->url.find("resource=api%3A%2F%2Fvault&client_id=abc") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(azure_where_nobody_knows_the_machine, WithCloud) {
  metadata = {404, "{}"};
  const auto e = open(kMounted, R"({"method":"azure","params":{"role":"web"}})").fetch("x");
  BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(e.error(0).next_step.find("jwt") != std::string::npos);
  BOOST_TEST(open(kMounted, R"({"method":"azure"})").opened.result == DSO_E_INVALID_REQUEST);
}

BOOST_AUTO_TEST_SUITE_END()
