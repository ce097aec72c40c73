// What an instance may reach and read.
#include <boost/test/unit_test.hpp>

#include <map>

#include "provider/egress.h"

using namespace dso;

namespace {

std::map<std::string, std::string> variables;
const char* env(const std::string& name) {
  const auto it = variables.find(name);
  return it == variables.end() ? nullptr : it->second.c_str();
}
using Origins = std::vector<std::string>;
ProviderInstance vault(std::map<std::string, std::string> settings) {
  ProviderInstance i;
  i.type = "vault";
  i.settings = std::move(settings);
  return i;
}

struct Environment {
  Environment() { variables.clear(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(provider_egress, Environment)

BOOST_AUTO_TEST_CASE(address_and_egress_give_origins) {
  BOOST_TEST((egress_origins(vault({{"address", "https://Vault:8200/v1/x"}}), env) == Origins{"https://vault:8200"}));
  BOOST_TEST(
      (egress_origins(vault({{"address", "https://vault"}, {"egress", " https://b:8200 ,,https://a:8200, https://vault:443"}}),
                      env) == Origins{"https://a:8200", "https://b:8200", "https://vault:443"}));
  BOOST_TEST((egress_origins(vault({{"endpoint", "http://127.0.0.1:4566"}}), env) == Origins{"http://127.0.0.1:4566"}));
  BOOST_TEST(egress_origins(vault({}), env).empty());
  BOOST_TEST(egress_origins(vault({{"address", "unix:///run/docker.sock:/"}, {"egress", "nonsense"}}), env).empty());
}

BOOST_AUTO_TEST_CASE(the_kinds_variable_counts_where_the_config_is_silent) {
  variables["VAULT_ADDR"] = "https://from-env:8200";
  BOOST_TEST((egress_origins(vault({}), env) == Origins{"https://from-env:8200"}));
  BOOST_TEST((egress_origins(vault({{"address", "https://cfg:1"}}), env) == Origins{"https://cfg:1"}));
  ProviderInstance other = vault({});
  other.type = "custom";
  BOOST_TEST(egress_origins(other, env).empty());
}

BOOST_AUTO_TEST_CASE(only_listed_origins_pass) {
  const Origins allowed{"https://vault:8200"};
  BOOST_TEST(check_egress("https://vault:8200/v1/secret?x", allowed).value() == "https://vault:8200");
  BOOST_TEST(check_egress("HTTPS://VAULT:8200", allowed).has_value());
  for (const char* url :
       {"http://vault:8200/", "https://vault/", "https://vault:8201/", "https://vault:8200@evil/", "https://vault:8200.evil/",
        "https://evil/?https://vault:8200", "https://evil#@vault:8200", "https://vault\\@evil:8200/", "//vault:8200/",
        "vault:8200", "unix:///var/run/docker.sock:/containers/json", "file:///etc/shadow", "", "https://vault:8200 /",
        "https://vault:8200\r\nHost: x"})
    BOOST_TEST(check_egress(url, allowed).has_error(), url);
}

BOOST_AUTO_TEST_CASE(a_refusal_names_both_and_the_cure) {
  const auto refused = check_egress("https://evil.example/steal?token=abc", {"https://vault:8200"});
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().cls == ErrorClass::access_denied));
  BOOST_TEST(refused.error().cause ==
             "the provider asked for https://evil.example:443, which its config does not allow (https://vault:8200 only)");
  BOOST_TEST(refused.error().next.find("egress: \"https://evil.example:443\"") != std::string::npos);
  BOOST_TEST(render(refused.error()).find("token") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_kind_has_its_own_variables) {
  BOOST_TEST(env_allowed("vault", "VAULT_TOKEN"));
  BOOST_TEST(!env_allowed("vault", "AWS_SECRET_ACCESS_KEY"));
  BOOST_TEST(!env_allowed("vault", "HOME"));
  BOOST_TEST(!env_allowed("vault", "XVAULT_A"));
  BOOST_TEST(env_allowed("aws", "AWS_REGION"));
  BOOST_TEST(env_allowed("azure", "IDENTITY_ENDPOINT"));
  BOOST_TEST(env_allowed("azure", "MSI_SECRET"));
  BOOST_TEST(env_allowed("my-store", "MY_STORE_KEY"));
  BOOST_TEST(!env_allowed("my-store", "MY_OTHER"));
  BOOST_TEST(!env_allowed("", "_X"));
}

BOOST_AUTO_TEST_CASE(only_settings_ending_in_file_name_files) {
  auto i = vault({{"token_file", "/t"}, {"address", "/a"}, {"ca_file", "/c"}, {"empty_file", ""}, {"file", "/f"}});
  i.auth_params = {{"secret_id_file", "/s"}, {"role_id", "/r"}};
  BOOST_TEST((readable_files(i) == std::set<std::string>{"/t", "/c", "/s"}));
}

BOOST_AUTO_TEST_CASE(tls_falls_back_to_the_kinds_variables) {
  variables = {
      {"VAULT_CACERT", "/e/ca"}, {"VAULT_CLIENT_CERT", "/e/c"}, {"VAULT_CLIENT_KEY", "/e/k"}, {"AWS_CA_BUNDLE", "/e/aws"}};
  TlsOptions o = tls_options(vault({}), env);
  BOOST_TEST(o.ca_file == "/e/ca");
  BOOST_TEST(o.client_cert == "/e/c");
  o = tls_options(vault({{"ca_file", "/ca"}, {"client_cert", "/c"}, {"client_key", "/k"}}), env);
  BOOST_TEST(o.ca_file == "/ca");
  BOOST_TEST(o.client_key == "/k");
  ProviderInstance aws = vault({});
  aws.type = "aws";
  BOOST_TEST(tls_options(aws, env).ca_file == "/e/aws");
  aws.type = "custom";
  BOOST_TEST(tls_options(aws, env).ca_file == "");
}

BOOST_AUTO_TEST_SUITE_END()
