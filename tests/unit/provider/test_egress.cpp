// What an instance may reach and read.
#include <boost/test/unit_test.hpp>

#include <map>

#include "aws_partitions.h"
#include "provider/egress.h"
#include "provider/named_files.h"

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

BOOST_AUTO_TEST_CASE(aws_reaches_what_its_provider_asks_in_every_partition) {
  ProviderInstance aws = vault({{"region", "eu-west-1"}});
  aws.type = "aws";
  const Origins allowed = egress_origins(aws, env);
  for (const auto& e : aws_partitions::endpoints()) BOOST_TEST(check_egress(e.url + "/", allowed).has_value(), e.url);
  for (const auto& p : aws_partitions::all())
    for (const std::string& domain : {p.domain, p.dualstack_domain})
      for (const std::string& host : {"bucket.s3." + p.region + "." + domain, "secretsmanager.a.b." + domain,
                                      "secretsmanager." + p.region + "." + domain + ".evil", domain})
        BOOST_TEST(check_egress("https://" + host + "/", allowed).has_error(), host);
}

BOOST_AUTO_TEST_CASE(aws_reaches_the_services_of_every_region_and_nothing_else) {
  ProviderInstance aws = vault({{"region", "eu-west-1"}});
  aws.type = "aws";
  const Origins allowed = egress_origins(aws, env);
  for (const char* url :
       {"https://secretsmanager.eu-west-1.amazonaws.com/", "https://secretsmanager-fips.us-gov-west-1.amazonaws.com/",
        "https://sts.amazonaws.com/", "https://ssm.cn-north-1.amazonaws.com.cn/", "https://secretsmanager.us-east-1.api.aws/",
        "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials", "http://169.254.169.254/latest/api/token",
        "http://169.254.170.2/v2/credentials/x", "http://[fd00:ec2::23]/v1"})
    BOOST_TEST(check_egress(url, allowed).has_value(), url);
  for (const char* url :
       {"https://bucket.s3.amazonaws.com/", "https://secretsmanager.a.evil.amazonaws.com/", "https://evil/",
        "https://secretsmanager.eu-west-1.amazonaws.com.evil/", "http://secretsmanager.eu-west-1.amazonaws.com/",
        "https://secretsmanager..amazonaws.com/", "https://secretsmanager.eu-west-1.amazonaws.com:444/",
        "https://x.execute-api.eu-west-1.amazonaws.com/", "http://169.254.169.254:8080/", "http://127.0.0.1:15002/"})
    BOOST_TEST(check_egress(url, allowed).has_error(), url);
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:15002";
  BOOST_TEST(check_egress("http://127.0.0.1:15002/latest", egress_origins(aws, env)).has_value());
  BOOST_TEST(check_egress("https://evil/", allowed).error().cause.find('*') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(azure_reaches_its_vault_its_authority_and_its_identity) {
  ProviderInstance azure = vault({{"vault_name", "shop"}});
  azure.type = "azure";
  variables["IDENTITY_ENDPOINT"] = "http://127.0.0.1:41056/msi/token/";
  const Origins allowed = egress_origins(azure, env);
  for (const char* url :
       {"https://shop.vault.azure.net/secrets/db?api-version=7.4", "https://login.microsoftonline.com/t/oauth2/v2.0/token",
        "http://169.254.169.254/metadata/identity/oauth2/token", "http://127.0.0.1:41056/msi/token/"})
    BOOST_TEST(check_egress(url, allowed).has_value(), url);
  for (const char* url :
       {"https://other.vault.azure.net/", "https://vault.azure.net/", "https://login.microsoftonline.com.evil/"})
    BOOST_TEST(check_egress(url, allowed).has_error(), url);
}

BOOST_AUTO_TEST_CASE(headers_that_are_not_the_providers_to_set) {
  const auto may = [](const char* name, const char* value, const char* url) { return !why_not_header(name, value, url); };
  BOOST_TEST(may("Host", "store:8200", "https://store:8200/x"));
  BOOST_TEST(may("hOST", " Store:8200 ", "https://store:8200/x"));
  BOOST_TEST(may("Host", "store", "https://store/x"));
  BOOST_TEST(may("Host", "store:443", "https://store/x"));
  BOOST_TEST(may("Host", "[::1]:8200", "http://[::1]:8200/"));
  BOOST_TEST(!may("Host", "store", "https://store:8200/x"));
  BOOST_TEST(!may("Host", "other", "https://store/x"));
  BOOST_TEST(!may("Host", "store:80", "https://store/x"));
  BOOST_TEST(!may("Host", "", "https://store/x"));
  BOOST_TEST(!may("Host", "store, other", "https://store/x"));
  BOOST_TEST(!may("Host", "store", "no url"));
  for (const char* name : {"Content-Length", "transfer-encoding", "Connection", "Upgrade", "Proxy-Authorization", "TE", "Expect"})
    BOOST_TEST(!may(name, "x", "https://store/x"), name);
  for (const char* name : {"Authorization", "X-Vault-Token", "Content-Type", "X-Amz-Date", "Metadata", "Accept"})
    BOOST_TEST(may(name, "x", "https://store/x"), name);
}

BOOST_AUTO_TEST_CASE(a_kinds_own_files) {
  ProviderInstance aws = vault({{"web_identity_token_file", "/run/token"}, {"wild_file", "/etc/*"}});
  aws.type = "aws";
  const auto files = readable_files(aws);
  for (const char* path : {"~/.aws/credentials", "~/.aws/sso/cache/0123abc.json", "/run/token"})
    BOOST_TEST(may_read(path, files), path);
  for (const char* path : {"~/.aws/sso/cache/../../.ssh/id.json", "~/.aws/sso/cache/.json/x", "~/.ssh/id_ed25519", "/etc/shadow",
                           "~/.aws/sso/cache/.json", "/etc/*"})
    BOOST_TEST(!may_read(path, files), path);
  ProviderInstance azure = vault({{"arc_key_dir", "/tmp/keys"}});
  azure.type = "azure";
  BOOST_TEST(may_read("/tmp/keys/a.key", proof_files(azure)));
  BOOST_TEST(may_read("/var/opt/azcmagent/tokens/1.key", proof_files(azure)));
  BOOST_TEST(!may_read("/var/opt/azcmagent/tokens/1.key", readable_files(azure)), "never obeyed");
  BOOST_TEST(!may_read("/var/opt/azcmagent/tokens/\xc3\xa4.key", proof_files(azure)));
  ProviderInstance by_method = azure;
  by_method.settings.clear();
  by_method.auth_params["arc_key_dir"] = "/tmp/keys/";
  BOOST_TEST(may_read("/tmp/keys/a.key", proof_files(by_method)));
  BOOST_TEST(!may_read("/tmp/keys/a.pem", proof_files(azure)));
  BOOST_TEST(!may_read("~/.aws/credentials", readable_files(azure)));
  BOOST_TEST(names_a_file("azure", "AZURE_CLIENT_CERTIFICATE_PATH"));
  BOOST_TEST(!names_a_file("vault", "VAULT_CAPATH"));
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

BOOST_AUTO_TEST_CASE(each_named_file_and_by_what) {
  variables = {{"VAULT_CACERT", "/e/ca"}, {"VAULT_CLIENT_CERT", "/e/c"}, {"VAULT_CLIENT_KEY", "/e/k"}};
  auto i = vault({{"token_file", "/t"}, {"ca_file", "/c"}, {"empty_file", ""}, {"path", "/p"}});
  i.auth_params = {{"secret_id_file", "/s"}};
  const auto named = named_files(i, env);
  const std::vector<NamedFile> wanted{{"/c", "ca_file", FileUse::obeyed},
                                      {"/t", "token_file", FileUse::obeyed},
                                      {"/s", "secret_id_file", FileUse::obeyed},
                                      {"/e/c", "VAULT_CLIENT_CERT", FileUse::obeyed},
                                      {"/e/k", "VAULT_CLIENT_KEY", FileUse::private_key}};
  BOOST_TEST((named == wanted));
  i.settings = {{"client_key", "/k"}, {"client_cert", "/k"}};  // both in one file
  BOOST_TEST((named_files(i, env).back() == NamedFile{"/k", "client_key", FileUse::private_key}));
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

BOOST_AUTO_TEST_CASE(a_proxy_of_the_config_alone) {
  variables = {{"HTTPS_PROXY", "http://e:1"}};
  BOOST_TEST(tls_options(vault({}), env).proxy == "");
  BOOST_TEST(ignored_proxy(vault({}), env) == "HTTPS_PROXY does not count: DSO goes by the instance's own `proxy` alone");
  BOOST_TEST(tls_options(vault({{"proxy", "http://p:1"}}), env).proxy == "http://p:1");
  BOOST_TEST(ignored_proxy(vault({{"proxy", "http://p:1"}}), env) == "");
  ProviderInstance local = vault({});
  local.type = "local";
  BOOST_TEST(ignored_proxy(local, env) == "");
  variables = {};
  BOOST_TEST(ignored_proxy(vault({}), env) == "");
}

BOOST_AUTO_TEST_CASE(vault_is_lent_the_nature_of_a_cloud_only_where_it_logs_in_by_it) {
  ProviderInstance i;
  i.type = "vault";
  i.settings["address"] = "https://vault:8200";
  const EnvLookup none = [](const std::string&) -> const char* { return nullptr; };
  const std::string metadata = "http://169.254.169.254:80";
  const auto reaches = [&](const std::string& origin) {
    const auto all = egress_origins(i, none);
    return std::find(all.begin(), all.end(), origin) != all.end();
  };
  BOOST_TEST((lent_kinds(i) == std::vector<std::string>{"vault"}));
  BOOST_TEST(!reaches(metadata));
  i.auth_method = "AWS";
  BOOST_TEST((lent_kinds(i) == std::vector<std::string>{"vault", "aws"}));
  BOOST_TEST(reaches(metadata));
  BOOST_TEST(reaches("https://vault:8200"));
  BOOST_TEST(may_read("~/.aws/credentials", readable_files(i)));
  i.auth_method = "azure";
  BOOST_TEST(reaches(metadata));
  BOOST_TEST(reaches("https://login.microsoftonline.com:443"));
  BOOST_TEST(!may_read("~/.aws/credentials", readable_files(i)));
  i.type = "my-store";
  BOOST_TEST((lent_kinds(i) == std::vector<std::string>{"my-store"}));
}

BOOST_AUTO_TEST_SUITE_END()
