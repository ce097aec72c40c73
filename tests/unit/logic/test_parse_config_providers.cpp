// `provider` and `providers`: both forms, kinds, settings, credentials.
#include <algorithm>

#include "auth_params.h"
#include "config_check.h"
#include "logic/config_keys.h"

using namespace config_check;
using namespace std::chrono_literals;
using Texts = std::map<std::string, std::string>;

BOOST_AUTO_TEST_SUITE(parse_config_providers)

BOOST_AUTO_TEST_CASE(short_form) {
  const auto config = clean("provider: aws\nconfig: {region: eu-west-1, timeout: 3s}\nsecrets: [{name: a}]\n");
  BOOST_REQUIRE(config.providers.size() == 1u);
  const auto& p = config.providers[0];
  BOOST_TEST((p.name == "default" && p.type == "aws" && p.settings == Texts{{"region", "eu-west-1"}} && p.timeout == 3s));
  BOOST_TEST(config.secrets[0].provider == "default");
  BOOST_TEST(clean("provider: vault\n").providers.at(0).settings.empty());
}

BOOST_AUTO_TEST_CASE(endpoints_of_aws_are_settings) {
  const auto config = clean("provider: aws\nconfig: {region: us-gov-west-1, use_fips: true, use_dualstack: false}\n");
  BOOST_TEST(
      (config.providers.at(0).settings == Texts{{"region", "us-gov-west-1"}, {"use_fips", "true"}, {"use_dualstack", "false"}}));
}

BOOST_AUTO_TEST_CASE(the_parameters_of_auth_are_the_providers) {
  const auto known = [](std::string_view kind) {
    const auto names = dso::auth_params(kind);
    std::vector<std::string> out(names.begin(), names.end());
    std::sort(out.begin(), out.end());
    return out;
  };
  BOOST_TEST((known("aws") == auth_params::kAws));
  BOOST_TEST((known("azure") == auth_params::kAzure));
  BOOST_TEST(known("local").empty());
}

BOOST_AUTO_TEST_CASE(long_form_in_order) {
  const auto config = clean(R"(
providers:
  prod:
    type: vault
    address: https://vault:8200
    namespace: team
    mount: kv
    kv_version: 2
    ca_file: /etc/ssl/vault.pem
    auth: {method: approle, params: {role_id: dso, secret_id_file: /etc/dso/secret-id}}
    retry: {attempts: 5, backoff: 500ms}
    timeout: 4s
    sandbox: network
  a: {type: azure, address: "https://x.vault.azure.net", verify_challenge_resource: false}
  own: {type: my-store, config: {colour: red, depth: 3}}
)");
  BOOST_REQUIRE(config.providers.size() == 3u);
  const auto& p = config.providers[0];
  BOOST_TEST((p.name == "prod" && p.auth_method == "approle" && p.retry_attempts == 5 && p.retry_backoff == 500ms &&
              p.timeout == 4s && p.sandbox == "network"));
  BOOST_TEST((p.settings == Texts{{"address", "https://vault:8200"},
                                  {"namespace", "team"},
                                  {"mount", "kv"},
                                  {"kv_version", "2"},
                                  {"ca_file", "/etc/ssl/vault.pem"}}));
  BOOST_TEST((p.auth_params == Texts{{"role_id", "dso"}, {"secret_id_file", "/etc/dso/secret-id"}}));
  BOOST_TEST((p.pos.line == 3 && p.pos.column == 3));
  BOOST_TEST(
      (config.providers[1].settings.at("verify_challenge_resource") == "false" && config.providers[1].retry_attempts == 3));
  BOOST_TEST(
      (config.providers[2].settings == Texts{{"colour", "red"}, {"depth", "3"}} && config.providers[2].sandbox == "strict"));
}

BOOST_AUTO_TEST_CASE(slips) {
  const Bad bad[] = {
      {"provider: aws\nconfig: {regoin: eu}\n", "2:10: error: config.regoin: unknown key. Did you mean 'region'?"},
      {"provider: aws\nproviders: {a: {type: aws}}\n",
       "1:11: error: provider: the short form ('provider') and the long form ('providers') exclude each other. Keep 'providers'; "
       "a secret that names no provider uses the first one."},
      {"config: {region: x}\n",
       "1:1: error: config: belongs to 'provider', which is not there. Add 'provider: aws' (or vault, azure, …)."},
      {"provider: {type: aws}\n",
       "1:1: error: provider: must be the kind of the one provider, not a map. Several settings go under 'providers': {prod: "
       "{type: vault, …}}."},
      {"provider: aws\nconfig: {type: aws}\n",
       "2:16: error: config.type: does not belong in the short form. The kind is what 'provider' says; settings go here "
       "directly."},
      {"providers: [aws]\n",
       "1:12: error: providers: must be a map, not a list. For example providers: {prod: {type: vault, address: "
       "\"https://vault:8200\"}}."},
      {"providers: {}\n", "1:1: error: providers: names no provider. Leave the key out to use the local store."},
      {"providers: {a: {}}\n",
       "1:13: error: providers.a: has no 'type'. One of: local, vault, aws, azure, file, or the kind of an installed provider."},
      {"providers:\n  a:\n", "2:3: error: providers.a: has no 'type'. For example {type: vault}."},
      {"providers: {a: vault}\n",
       "1:16: error: providers.a: must be a map, not a text. For example {type: vault, address: \"https://vault:8200\"}."},
      {"providers: {a/b: {type: aws}}\n",
       "1:13: error: providers.a/b: cannot be an instance's name. Use letters, digits, '-', '_' and '.', at most 64."},
      {"providers: {a: {type: vault, region: x}}\n",
       "1:38: error: providers.a.region: is no setting of the kind 'vault'. It belongs to: aws."},
      {"providers: {a: {type: vault, addres: x}}\n", "1:30: error: providers.a.addres: unknown key. Did you mean 'address'?"},
      {"providers: {a: {type: vault, colour: x}}\n",
       "1:30: error: providers.a.colour: unknown key. One of: type, address, endpoint, region, profile, namespace, mount, "
       "kv_version, path, secrets_file, ca_file, client_cert, client_key, proxy, verify_challenge_resource, authority_host, "
       "use_fips, use_dualstack, egress, auth, "
       "retry, timeout, sandbox, config."},
      // what belongs to the login, in the wrong place
      {"providers: {a: {type: vault, role_id: x}}\n",
       "1:30: error: providers.a.role_id: unknown key. Put it under 'providers.a.auth.params'."},
      {"providers: {a: {type: aws, role_arn: x}}\n",
       "1:28: error: providers.a.role_arn: unknown key. Put it under 'providers.a.auth.params'."},
      {"provider: aws\nconfig: {region: eu, access_key_id: x}\n",
       "2:22: error: config.access_key_id: unknown key. Put it under 'config.auth.params'."},
      {"provider: azure\nconfig: {tenant_id: x}\n",
       "2:10: error: config.tenant_id: unknown key. Put it under 'config.auth.params'."},
      {"providers: {a: {type: azure, tenant_di: x}}\n",
       "1:30: error: providers.a.tenant_di: unknown key. Did you mean 'tenant_id', under 'providers.a.auth.params'?"},
      {"providers: {a: {type: aws, auth: {role_arn: x}}}\n",
       "1:35: error: providers.a.auth.role_arn: unknown key. Put it under 'providers.a.auth.params'."},
      {"providers: {a: {type: aws, auth: {params: {role_anr: x}}}}\n",
       "1:44: error: providers.a.auth.params.role_anr: unknown parameter of the kind 'aws'. Did you mean 'role_arn'?"},
      {"providers: {a: {type: vault, auth: {params: {colour: x}}}}\n",
       "1:46: error: providers.a.auth.params.colour: unknown parameter of the kind 'vault'. One of: role_id, role_id_file, "
       "secret_id, "
       "secret_id_file, secret_id_response_wrapping_path, remove_secret_id_file_after_reading, role, jwt_file, name, username, "
       "password, password_file, revoke_on_close, header_value, resource, client_id, object_id."},
      // of another method, where another name is meant
      {"providers: {a: {type: azure, auth: {method: managed_identity, params: {client_id: x}}}}\n",
       "1:72: error: providers.a.auth.params.client_id: does nothing with the method 'managed_identity'. Did you mean "
       "'managed_identity_client_id'?"},
      {"providers: {a: {type: vault, auth: {method: userpass, params: {role_id: x}}}}\n",
       "1:64: error: providers.a.auth.params.role_id: does nothing with the method 'userpass'. One of: revoke_on_close, "
       "username, "
       "password, password_file."},
      {"providers: {a: {type: local, auth: {params: {x: y}}}}\n",
       "1:46: error: providers.a.auth.params.x: does nothing: the kind 'local' has no login. Leave 'auth' out."},
      {"providers: {a: {type: aws, proxy: \"proxy:3128\"}}\n",
       "1:35: error: providers.a.proxy: must begin with http://. For example http://proxy.example:3128."},
      // another kind's login is no help
      {"providers: {a: {type: local, tenant_id: x}}\n",
       "1:30: error: providers.a.tenant_id: unknown key. One of: type, address, "
       "endpoint, region, profile, namespace, mount, kv_version, path, secrets_file, ca_file, client_cert, client_key, proxy, "
       "verify_challenge_resource, authority_host, use_fips, use_dualstack, egress, auth, retry, timeout, sandbox, config."},
      {"provider: aws\nconfig: {use_fips: maybe}\n",
       "2:20: error: config.use_fips: there is no 'maybe' here. One of: true, false."},
      {"providers: {a: {type: vault, use_fips: true}}\n",
       "1:40: error: providers.a.use_fips: is no setting of the kind 'vault'. It belongs to: aws."},
      {"providers: {a: {type: mine, colour: x}}\n",
       "1:29: error: providers.a.colour: unknown key. A setting of the provider's own belongs under 'providers.a.config'."},
      {"providers: {a: {type: vault, auth: {role_id: x}}}\n",
       "1:37: error: providers.a.auth.role_id: unknown key. Put it under 'providers.a.auth.params'."},
      {"providers: {a: {type: vault, auth: {colour: x}}}\n",
       "1:37: error: providers.a.auth.colour: unknown key. One of: method, params."},
      {"providers: {a: {type: vault, auth: approle}}\n", "1:36: error: providers.a.auth: must be a map, not a text"},
      {"providers: {a: {type: vault, address: [x]}}\n", "1:39: error: providers.a.address: must be a single value, not a list"},
      {"providers: {a: {type: vault, address: \"vault:8200\"}}\n",
       "1:39: error: providers.a.address: must begin with https:// (or http://). For example https://vault.example:8200."},
      {"providers: {a: {type: vault, address: \"https://u:hunter2@vault\"}}\n",
       "1:39: error: providers.a.address: must hold no user name or password. Credentials belong under 'auth'."},
      {"providers: {a: {type: vault, address: \"https://\"}}\n",
       "1:39: error: providers.a.address: is not an address. For example https://vault.example:8200."},
      {"providers: {a: {type: vault, address: \"http://vault:8200\"}}\n",
       "1:39: warning: providers.a.address: http:// sends secrets over the network in the clear. Use https://."},
      {"providers: {a: {type: vault, ca_file: ca.pem}}\n",
       "1:39: error: providers.a.ca_file: must be an absolute path. Write it out: neither the agent's folder nor '~' is meant "
       "here."},
      {"providers: {a: {type: vault, kv_version: 3}}\n",
       "1:42: error: providers.a.kv_version: there is no '3' here. One of: 1, 2."},
      {"providers: {a: {type: vault, sandbox: stict}}\n",
       "1:39: error: providers.a.sandbox: there is no 'stict' here. Did you mean 'strict'?"},
      {"providers: {a: {type: vault, retry: {attempts: 0}}}\n",
       "1:48: error: providers.a.retry.attempts: must be a whole number from 1 to 20, not '0'"},
      {"providers: {a: {type: vault, timeout: 10}}\n",
       "1:39: error: providers.a.timeout: '10' has no unit. Write '10s' for seconds, or use h, m, ms."},
      {"providers: {a: {type: huawei}}\n",
       "1:23: error: providers.a.type: no provider of that kind is installed. A provider is one file, libdso_provider_huawei.so; "
       "install it with 'dso provider install FILE' under a name of its own."},
      {"provider: env\n",
       "1:11: error: provider: the agent's own environment is no store: it cannot change while the agent runs, and other "
       "processes can read it. Take the values over with 'dso env import', and use the kind 'local'."},
      {"provider: ../evil\n",
       "1:11: error: provider: '../evil' cannot be a provider's kind. One of: local, vault, aws, azure, file."},
      {"provider: valt\n", "1:11: warning: provider: 'valt' is none of DSO's own kinds. Did you mean 'vault'?"},
      {"providers: {a: {type: mine, config: {x: [1]}}}\n",
       "1:41: error: providers.a.config.x: must be a single value, not a list"},
  };
  for (const Bad& b : bad) check_one(b.yaml, b.line);
}

BOOST_AUTO_TEST_CASE(what_the_host_itself_uses) {
  const auto config =
      clean("providers: {a: {type: vault, egress: \"https://a:1, https://b\", client_cert: /c.pem, client_key: /k.pem}}\n");
  BOOST_TEST((config.providers.at(0).settings ==
              Texts{{"egress", "https://a:1, https://b"}, {"client_cert", "/c.pem"}, {"client_key", "/k.pem"}}));
  check_one("providers: {a: {type: mine, egress: \"https://a, b\"}}\n",
            "1:37: error: providers.a.egress: must begin with https:// (or http://). For example https://vault.example:8200.");
  check_one("providers: {a: {type: vault, client_cert: c.pem}}\n",
            "1:43: error: providers.a.client_cert: must be an absolute path. Write it out: neither the agent's folder nor '~' is "
            "meant here.");
}

BOOST_AUTO_TEST_CASE(a_dropin_may_have_settings_of_its_own) {
  const auto config = clean("provider: mine\nconfig: {colour: red, region: x}\n");
  BOOST_TEST((config.providers.at(0).settings == Texts{{"colour", "red"}, {"region", "x"}}));
  check_one("provider: mine\nconfig: {adress: x}\n",
            "2:10: warning: config.adress: is none of DSO's own settings. Did you mean 'address'?");
}

BOOST_AUTO_TEST_CASE(credentials_are_never_repeated) {
  const std::string canary = "s3cr3t-canary-41";
  for (const char* yaml : {"providers: {a: {type: vault, auth: {method: token, params: {token: CANARY}}}}\n",
                           "providers: {a: {type: vault, auth: {method: token, params: {token: [CANARY]}}}}\n",
                           "providers: {a: {type: vault, auth: {method: token, params: {token: CANARY, token: CANARY}}}}\n",
                           "providers: {a: {type: vault, token: CANARY, auth: {params: {token: CANARY}}}}\n",
                           "providers: {a: {type: vault, auth: {params: {secret_id_file: CANARY}}}}\n",
                           "providers: {a: {type: vault, address: \"CANARY\"}}\n",
                           "providers: {a: {type: vault, address: \"https://u:CANARY@host\"}}\n",
                           "provider: vault\nconfig: {token: \"CANARY\n", "provider: vault\nconfig: {token: \"CANARY\\n\"}\n"}) {
    std::string text = yaml;
    for (std::size_t at = text.find("CANARY"); at != std::string::npos; at = text.find("CANARY")) text.replace(at, 6, canary);
    const auto lines = findings(text);
    BOOST_TEST(!lines.empty());
    BOOST_TEST(joined(lines).find(canary) == std::string::npos, joined(lines));
  }
  check_one("providers: {a: {type: vault, auth: {params: {secret_id: x}}}}\n",
            "1:57: warning: providers.a.auth.params.secret_id: a credential stands in the config in plain text. Put it in a file "
            "that only root can read, and name that with 'secret_id_file'.");
  check_one("providers: {a: {type: vault, auth: {params: {token: \"${TOKEN}\"}}}}\n",
            "1:53: warning: providers.a.auth.params.token: '${…}' is taken as it stands: DSO replaces no variables in its "
            "config. Leave the key out where the provider reads the variable itself, or name a file.");
}

BOOST_AUTO_TEST_CASE(a_name_that_begins_like_a_provider) {
  check_one("providers: {prod: {type: vault}}\nsecrets: [{name: prod/db}]\n",
            "2:12: warning: secrets[0].name: begins with 'prod', which is a provider's name too, and is asked of 'prod' as a "
            "whole. Write 'provider: prod' and 'name: db', or name the provider to confirm it.");
  clean("providers: {prod: {type: vault}}\nsecrets: [{name: prod/db, provider: prod}]\n");
}

BOOST_AUTO_TEST_SUITE_END()
