// Every way to log in, on scripted endpoints: what is sent where, what is kept, and what is never sent.
#include <boost/test/unit_test.hpp>

#include "assertion.h"
#include "azure_text.h"
#include "managed_identity.h"
#include "provider_azure/fake_azure.h"

using fake::Azure;
using fake::Response;

namespace {

const std::string kPost = "POST " + fake::kLogin;
const std::string kImds = "GET http://169.254.169.254/metadata/identity/oauth2/token";
const std::string kImdsToken = kImds + "?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net";
const std::string kManaged = R"({"method":"managed_identity"})";

std::string app(const std::string& method, const std::string& params) {
  return R"({"method":")" + method + R"(","params":{"tenant_id":")" + fake::kTenant + R"(","client_id":")" + fake::kApp + "\"," +
         params + "}}";
}
Response imds_token(const std::string& token, const std::string& more = R"("expires_in":"3600")") {
  return {200, R"({"access_token":")" + token + R"(","client_id":"11","expires_on":"1800000000",)" + more + "}"};
}
struct Ready : Azure {
  Ready() { vault("/secrets/a") = {fake::a_secret("a", "v1", "x")}; }
  std::string last_body() const {
    // NOLINTNEXTLINE(modernize-loop-convert): backwards
    for (auto r = host.requests.rbegin(); r != host.requests.rend(); ++r)
      if (r->method == "POST") return r->body;
    return "";
  }
};
/// A signer that only marks what it was given.
int32_t mark(void*, int32_t algorithm, dso_str key, dso_str data, dso_str* signature, dso_error*) {
  static std::string out;
  out = "signed:" + std::to_string(algorithm) + ":" + std::to_string(key.size) + ":" + std::to_string(data.size);
  *signature = {out.data(), out.size()};
  return DSO_OK;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(azure_logins, Ready)

BOOST_AUTO_TEST_CASE(client_secret_from_a_file_read_at_each_login) {
  host.files["/run/s"] = "first&secret\n";
  auto i = open(app("client_secret", R"("client_secret_file":"/run/s")"));
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  BOOST_TEST(last_body() == "client_id=" + fake::kApp +
                                "&grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default"
                                "&client_secret=first%26secret");
  host.files["/run/s"] = "second";
  host.now_ms += 3600'000;
  i.fetch("a");
  BOOST_TEST(last_body().find("client_secret=second") != std::string::npos);
  host.files.erase("/run/s");
  host.now_ms += 3600'000;
  const auto e = i.fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(e.error(0).message.find("/run/s") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_vaults_own_tenant_where_none_is_configured) {
  auto i = open(R"({"method":"client_secret","params":{"client_id":")" + fake::kApp + R"(","client_secret":"s"}})");
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  // but the configured one and the configured login host where there is one, whatever the challenge says
  BOOST_TEST(count(kPost) == 1);
}

BOOST_AUTO_TEST_CASE(a_refused_login_is_tried_once_a_call) {
  answers[kPost] = {{401, R"({"error":"invalid_client","error_codes":[7000215],"trace_id":"tr"})", {{"x-ms-request-id", "rq"}}}};
  auto i = open();
  const auto e = i.fetch({{"a", ""}, {"a", ""}, {"b", ""}});
  for (std::size_t n = 0; n < 3; ++n) {
    BOOST_TEST(e.cls(n) == DSO_E_INVALID_CREDENTIALS);
    BOOST_TEST(e.error(n).store_code == "AADSTS7000215");
    BOOST_TEST(e.error(n).request_id == "rq");
    BOOST_TEST(e.error(n).message.find("s3cr3t") == std::string::npos);
  }
  BOOST_TEST(count(kPost) == 1);
}

BOOST_AUTO_TEST_CASE(a_token_is_renewed_early_and_used_on_if_that_fails) {
  good_tokens = {"t1", "t2"};
  answers[kPost] = {fake::logged_in("t1"), {503, ""}, fake::logged_in("t2")};
  auto i = open();
  i.fetch("a");
  host.now_ms += 54 * 60'000;
  i.fetch("a");
  BOOST_TEST(count(kPost) == 1);
  host.now_ms += 60'000;
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);  // the renewal failed
  BOOST_TEST(count(kPost) == 2);
  host.now_ms += 10'000;
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  BOOST_TEST(count(kPost) == 2);  // not again within 30 seconds
  host.now_ms += 20'000;
  i.fetch("a");
  BOOST_TEST(count(kPost) == 3);
  BOOST_TEST(host.requests.back().headers.at("Authorization") == "Bearer t2");
}

BOOST_AUTO_TEST_CASE(workload_identity_reads_its_file_each_time) {
  host.variables = {
      {"AZURE_TENANT_ID", fake::kTenant}, {"AZURE_CLIENT_ID", fake::kApp}, {"AZURE_FEDERATED_TOKEN_FILE", "/run/token"}};
  host.files["/run/token"] = "jwt.one.x\n";
  auto i = open(R"({"method":"default"})");
  BOOST_TEST(i.fetch("a").identity == "app " + fake::kApp + " (workload identity)");
  BOOST_TEST(last_body().find("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                              "&client_assertion=jwt.one.x") != std::string::npos);
  host.files["/run/token"] = "jwt.two.x";
  host.now_ms += 3600'000;
  i.fetch("a");
  BOOST_TEST(last_body().find("client_assertion=jwt.two.x") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_certificate_signs_an_assertion) {
  host.table().sign = mark;
  host.files["/run/c.pem"] =
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
      "-----BEGIN CERTIFICATE-----\nAAEC\nAwQF\n-----END CERTIFICATE-----\n";
  auto i = open(app("client_certificate", R"("client_certificate_file":"/run/c.pem")"));
  BOOST_TEST(i.fetch("a").identity == "app " + fake::kApp + " (certificate)");
  const std::string body = last_body();
  const std::string assertion = body.substr(body.find("client_assertion=") + 17);
  const std::size_t dot = assertion.find('.'), dot2 = assertion.find('.', dot + 1);
  const auto part = [&](std::size_t from, std::size_t to) {
    return std::string(azure::view(azure::base64_decode(std::string_view(assertion).substr(from, to - from)).value()));
  };
  const std::string thumbprint(32, '\6');  // the fake digest: 6 bytes of DER
  BOOST_TEST(part(0, dot) == R"({"alg":"PS256","typ":"JWT","x5t#S256":")" + azure::base64url(thumbprint) + "\"}");
  const std::string payload = part(dot + 1, dot2);
  BOOST_TEST(payload.find(R"("aud":")" + fake::kLogin + R"(","iss":")" + fake::kApp + R"(","sub":")" + fake::kApp) !=
             std::string::npos);
  BOOST_TEST(payload.find(R"("exp":1700000600)") != std::string::npos);
  BOOST_TEST(part(dot2 + 1, assertion.size()).starts_with("signed:2:"));
}

BOOST_AUTO_TEST_CASE(a_file_without_a_certificate) {
  host.table().sign = mark;
  for (const char* pem : {"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                          "-----BEGIN CERTIFICATE-----\n$$\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nAAEC"}) {
    host.files["/run/c.pem"] = pem;
    const auto e = open(app("client_certificate", R"("client_certificate_file":"/run/c.pem")")).fetch("a");
    BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
    BOOST_TEST(e.error(0).message.find("/run/c.pem") == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_clock_is_corrected_once) {
  host.table().sign = mark;
  host.files["/run/c.pem"] = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n";
  const std::string date = "Tue, 14 Nov 2023 23:13:20 GMT";  // an hour ahead of the host's 1,700,000,000
  const Response late{401, R"({"error":"invalid_client","error_codes":[700024]})", {{"date", date}}};
  answers[kPost] = {late, fake::logged_in("t1")};
  auto i = open(app("client_certificate", R"("client_certificate_file":"/run/c.pem")"));
  BOOST_TEST(i.fetch("a").cls(0) == DSO_OK);
  BOOST_TEST(count(kPost) == 2);
  const std::string body = last_body();
  const std::string assertion = body.substr(body.find("client_assertion=") + 17);
  const std::size_t dot = assertion.find('.');
  const std::string payload(azure::view(
      azure::base64_decode(std::string_view(assertion).substr(dot + 1, assertion.find('.', dot + 1) - dot - 1)).value()));
  BOOST_TEST(payload.find(R"("exp":1700004200)") != std::string::npos, payload);

  answers[kPost] = {late};
  const auto e = open(app("client_certificate", R"("client_certificate_file":"/run/c.pem")")).fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_CLOCK_SKEW);
  BOOST_TEST(e.error(0).message.find("60 minutes behind") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_vms_identity) {
  answers[kImds] = {{400, "{}"}};
  answers[kImdsToken] = {imds_token("t1")};
  auto i = open(kManaged);
  const auto e = i.fetch("a");
  BOOST_TEST(e.cls(0) == DSO_OK);
  BOOST_TEST(e.identity == "managed identity 11 (VM)");
  for (const auto& r : host.requests)
    if (Azure::key(r) == kImdsToken)
      BOOST_TEST(r.headers.at("Metadata") == "true");
    else if (Azure::key(r) == kImds)
      BOOST_TEST(!r.headers.contains("Metadata"));
  // one of several
  answers[kImdsToken + "&client_id=77"] = {imds_token("t1")};
  BOOST_TEST(open(R"({"method":"managed_identity","params":{"managed_identity_client_id":"77"}})").fetch("a").cls(0) == DSO_OK);
  answers[kImdsToken + "&client_id=78"] = {{400, R"({"error":"invalid_request"})"}};
  const auto none = open(R"({"method":"managed_identity","params":{"managed_identity_client_id":"78"}})").fetch("a");
  BOOST_TEST(none.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(none.error(0).message.find("78") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_identity_endpoint_that_is_not_ready) {
  answers[kImds] = {{400, "{}"}};
  answers[kImdsToken] = {{404, ""}, imds_token("t1")};
  BOOST_TEST(open(kManaged).fetch("a").cls(0) == DSO_OK);  // the first retry is at once
  answers[kImdsToken] = {{410, ""}};
  auto i = open(kManaged);
  for (const std::int64_t pause : {1600, 3200, 6400, 12800}) {
    const auto e = i.fetch("a");
    BOOST_TEST(e.cls(0) == DSO_E_UNAVAILABLE);
    BOOST_TEST(e.error(0).retry_after_ms == pause);
  }
}

BOOST_AUTO_TEST_CASE(nobody_answers_there) {
  host.on_http = [](const fake::Request& r) {
    return r.url.starts_with(fake::kVault) ? fake::unauthorized() : Response{.failure = DSO_E_TIMEOUT};
  };
  const auto e = open(R"({"method":"default"})").fetch({{"a", ""}, {"b", ""}});
  BOOST_TEST(e.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  for (const char* looked : {"AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "no managed identity endpoint"})
    BOOST_TEST(e.error(0).message.find(looked) != std::string::npos);
  BOOST_TEST(host.requests.size() == 2u);  // the vault and one probe
}

BOOST_AUTO_TEST_CASE(a_chain_goes_on_where_a_credential_is_not_there) {
  host.variables = {{"AZURE_TENANT_ID", fake::kTenant}, {"AZURE_CLIENT_ID", fake::kApp}, {"AZURE_FEDERATED_TOKEN_FILE", "/none"}};
  answers[kImds] = {{400, "{}"}};
  answers[kImdsToken + "&client_id=" + fake::kApp] = {imds_token("t1")};
  BOOST_TEST(open(R"({"method":"default"})").fetch("a").identity == "managed identity 11 (VM)");
  // but not where one was refused
  host.files["/none"] = "jwt";
  answers[kPost] = {{401, R"({"error":"invalid_client","error_codes":[700213]})"}};
  BOOST_TEST(open(R"({"method":"default"})").fetch("a").cls(0) == DSO_E_INVALID_CREDENTIALS);
}

BOOST_AUTO_TEST_CASE(app_service) {
  host.variables = {{"IDENTITY_ENDPOINT", "http://127.0.0.1:4141/msi/token"}, {"IDENTITY_HEADER", "h3ader"}};
  answers["GET http://127.0.0.1:4141/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net"] = {
      {200, R"({"access_token":"t1","expires_on":"1700003600"})"}};
  const auto e = open(kManaged).fetch("a");
  BOOST_TEST(e.cls(0) == DSO_OK);
  BOOST_TEST(e.identity == "the machine's managed identity (App Service)");
  for (const auto& r : host.requests)
    if (r.url.starts_with("http://127.0.0.1")) BOOST_TEST(r.headers.at("X-IDENTITY-HEADER") == "h3ader");
}

BOOST_AUTO_TEST_CASE(arc_proves_itself_with_a_key_file) {
  host.variables = {{"IDENTITY_ENDPOINT", "http://localhost:40342/metadata/identity/oauth2/token"},
                    {"IMDS_ENDPOINT", "http://localhost:40342"}};
  const std::string what =
      "GET http://localhost:40342/metadata/identity/oauth2/token?api-version=2020-06-01&resource=https%3A%2F%2Fvault.azure.net";
  const auto challenge = [](const std::string& path) { return Response{401, "", {{"www-authenticate", "Basic realm=" + path}}}; };
  const std::string key = "/var/opt/azcmagent/tokens/1.key";
  host.files = {{key, "k3y"}, {"/etc/shadow", "root"}, {"/var/opt/azcmagent/tokens/big.key", std::string(5000, 'x')}};
  answers[what] = {challenge(key), {200, R"({"access_token":"t1","expires_in":"3600"})"}};
  BOOST_TEST(open(kManaged).fetch("a").cls(0) == DSO_OK);
  int keys = 0;
  for (const auto& r : host.requests)
    if (const auto a = r.headers.find("Authorization"); a != r.headers.end() && a->second == "Basic k3y") ++keys;
  BOOST_TEST(keys == 1);
  for (const char* path : {"/etc/shadow", "/var/opt/azcmagent/tokens/../../../etc/shadow", "/var/opt/azcmagent/tokens/big.key",
                           "/var/opt/azcmagent/tokens/none.key", "", "/var/opt/azcmagent/tokens/x/1.key"}) {
    answers[what] = {challenge(path)};
    host.requests.clear();
    BOOST_TEST(open(kManaged).fetch("a").cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE, path);
    for (const auto& r : host.requests) BOOST_TEST(!r.headers.contains("Authorization"));
  }
}

BOOST_AUTO_TEST_CASE(arc_has_one_identity_and_app_service_may_refuse) {
  host.variables = {{"IDENTITY_ENDPOINT", "http://localhost:40342/token"}, {"IMDS_ENDPOINT", "http://localhost:40342"}};
  const auto e = open(R"({"method":"managed_identity","params":{"managed_identity_client_id":"77"}})").fetch("a");
  BOOST_TEST(e.cls(0) == DSO_E_INVALID_REQUEST);
  host.variables = {{"IDENTITY_ENDPOINT", "http://127.0.0.1:4141/msi/token"}, {"IDENTITY_HEADER", "h3ader"}};
  answers["GET http://127.0.0.1:4141/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net&principal_id=5"] = {
      {401, R"({"statusCode":401})"}};
  const auto refused = open(R"({"method":"managed_identity","params":{"managed_identity_object_id":"5"}})").fetch("a");
  BOOST_TEST(refused.cls(0) == DSO_E_CREDENTIALS_UNAVAILABLE);
  BOOST_TEST(refused.error(0).message.find("refuses this process") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(files_that_are_arcs_keys) {
  const std::string folder = "/var/opt/azcmagent/tokens";
  BOOST_TEST(azure::is_arc_key(folder + "/a.key", folder));
  for (const char* bad : {"/a.key.txt", "/../a.key", "/.key", "/b/a.key", "a.key", "", "/..key"})
    BOOST_TEST(!azure::is_arc_key(folder + bad, folder), bad);
  BOOST_TEST(!azure::is_arc_key("/etc/a.key", folder));
}

BOOST_AUTO_TEST_CASE(service_fabric_is_not_offered) {
  host.variables = {{"IDENTITY_ENDPOINT", "https://x"}, {"IDENTITY_HEADER", "h"}, {"IDENTITY_SERVER_THUMBPRINT", "t"}};
  BOOST_TEST(open(kManaged).fetch("a").cls(0) == DSO_E_UNSUPPORTED);
}

BOOST_AUTO_TEST_CASE(a_national_cloud_logs_in_at_its_own_host) {
  host.on_http = [](const fake::Request& r) {
    if (r.url.starts_with("https://kv.vault.azure.cn"))
      return fake::unauthorized(R"(Bearer authorization="https://login.chinacloudapi.cn/t", resource="https://vault.azure.cn")");
    return Response{401, R"({"error":"invalid_client"})"};
  };
  fake::Instance i(*dso_provider_get_api(DSO_ABI_VERSION), host,
                   R"({"settings":{"address":"https://kv.vault.azure.cn"},"auth":)" + fake::kClientSecret + "}");
  i.fetch("a");
  BOOST_TEST(host.requests.back().url == "https://login.chinacloudapi.cn/" + fake::kTenant + "/oauth2/v2.0/token");
  BOOST_TEST(host.requests.back().body.find("scope=https%3A%2F%2Fvault.azure.cn%2F.default") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
