// Settings: what counts first, what is refused, and which chain comes of it.
#include <boost/test/unit_test.hpp>

#include "auth_params.h"
#include "azure_config.h"
#include "provider_azure/fake_azure.h"

using namespace azure;

namespace {

struct Case {
  fake::Host host;
  Settings read(const std::string& settings, const std::string& auth = "{}") {
    return read_settings(dso::sdk::Host(&host.table()), R"({"settings":{)" + settings + R"(},"auth":)" + auth + "}");
  }
  std::string refused(const std::string& settings, const std::string& auth = "{}") {
    try {
      read(settings, auth);
      return "";
    } catch (const dso::sdk::Failure& f) {
      BOOST_TEST(static_cast<int>(f.cls) == DSO_E_INVALID_REQUEST);
      return f.message + " " + f.next_step;
    }
  }
};
const std::string kAddress = R"("address":"https://kv.vault.azure.net/")";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(azure_config, Case)

BOOST_AUTO_TEST_CASE(address_or_name) {
  const Settings s = read(kAddress);
  BOOST_TEST(s.origin == "https://kv.vault.azure.net");
  BOOST_TEST(s.vault == "kv");
  BOOST_TEST(s.authority == "https://login.microsoftonline.com");
  BOOST_TEST(s.verify_challenge_resource);
  BOOST_TEST(read(R"("vault_name":"kv-2")").origin == "https://kv-2.vault.azure.net");
  BOOST_TEST(read(R"("address":"https://kv.vault.azure.cn")").authority == "https://login.chinacloudapi.cn");
  BOOST_TEST(!read(kAddress + R"(,"verify_challenge_resource":"false")").verify_challenge_resource);
  host.variables["AZURE_AUTHORITY_HOST"] = "login.microsoftonline.us";
  BOOST_TEST(read(R"("vault_name":"kv")").origin == "https://kv.vault.usgovcloudapi.net");
  BOOST_TEST(read(kAddress).authority == "https://login.microsoftonline.us");
  BOOST_TEST(read(kAddress + R"(,"authority_host":"https://login.other.example/")").authority == "https://login.other.example");
}

BOOST_AUTO_TEST_CASE(the_parameters_that_the_config_knows_are_known) {
  for (const std::string& name : auth_params::kAzure)
    BOOST_TEST(refused(kAddress, R"({"params":{")" + name + R"(":"/x"}})").find("unknown") == std::string::npos, name);
  BOOST_TEST(refused(kAddress, R"({"params":{"colour":"/x"}})").find("unknown auth parameter 'colour'") == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_refused) {
  BOOST_TEST(refused("").find("no address") == 0u);
  BOOST_TEST(refused(R"("address":"http://kv.vault.azure.net")").find("https") != std::string::npos);
  BOOST_TEST(refused(R"("address":"https://kv.vault.azure.net/secrets/x")") != "");
  BOOST_TEST(refused(R"("vault_name":"kv.evil.example/")") != "");
  BOOST_TEST(refused(kAddress + R"(,"tenant_idd":"x")").find("Did you mean 'tenant_id'?") != std::string::npos);
  BOOST_TEST(refused(kAddress, R"({"method":"client_sekret"})").find("client_secret") != std::string::npos);
  BOOST_TEST(refused(kAddress, R"({"method":"client_secret"})") != "");
  BOOST_TEST(refused(kAddress, R"({"method":"client_secret","params":{"client_secret":"x"}})").find("client_id") !=
             std::string::npos);
  BOOST_TEST(
      refused(kAddress, R"({"method":"client_secret","params":{"client_id":"1","tenant_id":"a/b","client_secret":"x"}})") != "");
  BOOST_TEST(refused(kAddress, R"({"params":{"client_id":"1","client_secret_file":"keys/x"}})").find("absolute") !=
             std::string::npos);
  BOOST_TEST(refused(kAddress, R"({"params":{"client_id":"1","client_secret_file":"/x","client_secret":"y"}})") != "");
  BOOST_TEST(refused(kAddress + R"(,"verify_challenge_resource":"perhaps")") != "");
  BOOST_TEST(refused(kAddress + R"(,"managed_identity_client_id":"1","managed_identity_object_id":"2")") != "");
  host.variables["AZURE_AUTHORITY_HOST"] = "http://login.example";
  BOOST_TEST(refused(kAddress) != "");
}

BOOST_AUTO_TEST_CASE(the_config_counts_before_the_environment) {
  host.variables = {{"AZURE_TENANT_ID", "t-env"}, {"AZURE_CLIENT_ID", "c-env"}, {"AZURE_CLIENT_SECRET", "s-env"}};
  const Settings s = read(kAddress, R"({"method":"client_secret","params":{"tenant_id":"t","client_secret_file":"/run/s"}})");
  BOOST_TEST_REQUIRE(s.chain.size() == 1u);
  BOOST_TEST(s.chain[0].application->tenant_id == "t");
  BOOST_TEST(s.chain[0].application->client_id == "c-env");
  BOOST_TEST(s.chain[0].application->client_secret_file == "/run/s");
  BOOST_TEST(s.chain[0].application->client_secret.empty());
  // as settings, and without a method
  const Settings flat = read(kAddress + R"(,"client_id":"c","client_secret_file":"/run/s")");
  BOOST_TEST_REQUIRE(flat.chain.size() == 1u);
  BOOST_TEST(flat.chain[0].application->client_id == "c");
}

BOOST_AUTO_TEST_CASE(the_chain) {
  BOOST_TEST_REQUIRE(read(kAddress).chain.size() == 1u);
  BOOST_TEST(!read(kAddress).chain[0].application);
  host.variables = {{"AZURE_TENANT_ID", "t"},
                    {"AZURE_CLIENT_ID", "c"},
                    {"AZURE_CLIENT_SECRET", "s"},
                    {"AZURE_FEDERATED_TOKEN_FILE", "/run/token"}};
  const Settings all = read(kAddress, R"({"method":"default"})");
  BOOST_TEST_REQUIRE(all.chain.size() == 3u);
  BOOST_TEST(all.chain[0].application->source == "AZURE_CLIENT_SECRET");
  BOOST_TEST(all.chain[1].application->federated_token_file == "/run/token");
  BOOST_TEST(all.managed.client_id == "c");
  host.variables["AZURE_TOKEN_CREDENTIALS"] = "WorkloadIdentityCredential";
  const Settings one = read(kAddress);
  BOOST_TEST_REQUIRE(one.chain.size() == 1u);
  BOOST_TEST(!one.chain[0].application->federated_token_file.empty());
  host.variables["AZURE_TOKEN_CREDENTIALS"] = "prod";
  BOOST_TEST(read(kAddress).chain.size() == 3u);
  host.variables["AZURE_TOKEN_CREDENTIALS"] = "AzureCliCredential";
  BOOST_TEST(refused(kAddress).find("AZURE_TOKEN_CREDENTIALS") != std::string::npos);
  // a named method is not selected away
  BOOST_TEST(read(kAddress, R"({"method":"managed_identity"})").chain.size() == 1u);
  host.variables["AZURE_TOKEN_CREDENTIALS"] = "ManagedIdentityCredential";
  host.variables["AZURE_CLIENT_CERTIFICATE_PATH"] = "/run/cert.pem";
  host.variables.erase("AZURE_CLIENT_SECRET");
  BOOST_TEST(!read(kAddress).chain.at(0).application);
  BOOST_TEST(read(kAddress, R"({"method":"client_certificate"})").chain.at(0).application->certificate_file == "/run/cert.pem");
}

BOOST_AUTO_TEST_SUITE_END()
