// The Go project's spellings: read, each with a warning that shows the present one.
#include "config_check.h"

using namespace config_check;
using namespace std::chrono_literals;
using dso::Strategy;
using Texts = std::map<std::string, std::string>;

BOOST_AUTO_TEST_SUITE(parse_config_go)

BOOST_AUTO_TEST_CASE(oldest_form) {
  const auto config = warned(
      "provider: vault\nconfig: {vault_addr: \"https://v:8200\", token: t, mount: kv}\nsecrets: [{name: a, provider: vault}]\n");
  const auto& p = config.providers.at(0);
  BOOST_TEST((p.settings == Texts{{"address", "https://v:8200"}, {"mount", "kv"}} && p.auth_method == "token" &&
              p.auth_params == Texts{{"token", "t"}}));
  BOOST_TEST(config.secrets[0].provider == "default");
  check_among("provider: vault\nconfig: {vault_addr: \"https://v:8200\"}\n",
              "2:22: warning: config.vault_addr: is an older spelling. Write 'address'.");
  check_among(
      "provider: vault\nsecrets: [{name: a, provider: vault}]\n",
      "2:21: warning: secrets[0].provider: names the kind of the one provider, which is an older spelling. Leave the key out.");
  BOOST_TEST((warned("provider: azure\nconfig: {vault_url: \"https://x.vault.azure.net\"}\n").providers.at(0).settings ==
              Texts{{"address", "https://x.vault.azure.net"}}));
}

BOOST_AUTO_TEST_CASE(providers_with_config_and_params) {
  const auto config = warned(R"(
version: v1.0.0
mode: agent
providers:
  v:
    type: vault
    auth: {method: appRole, params: {address: "https://v:8200", role_id: r}}
    retry: {attempts: 3, backoff: 1s}
    config: {namespace: team}
  z:
    type: azure
    auth: {method: service_principal, params: {vault_name: my-vault, tenant_id: t}}
)");
  const auto& v = config.providers.at(0);
  BOOST_TEST((v.auth_method == "approle" && v.settings == Texts{{"address", "https://v:8200"}, {"namespace", "team"}} &&
              v.auth_params == Texts{{"role_id", "r"}}));
  const auto& z = config.providers.at(1);
  BOOST_TEST((z.auth_method == "service_principal" && z.settings == Texts{{"address", "https://my-vault.vault.azure.net"}} &&
              z.auth_params == Texts{{"tenant_id", "t"}}));
  check_one(
      "providers: {v: {type: vault, config: {namespac: team}}}\n"
      "",
      "1:30: warning: providers.v.config: is an older spelling. Write the settings directly under 'providers.v'.\n"
      "1:39: error: providers.v.config.namespac: unknown setting for the kind 'vault'. Did you mean 'namespace'?");
  check_among("providers: {v: {type: vault, mount: a, config: {mount: b}}}\n",
              "1:56: error: providers.v.config.mount: 'mount' is given twice. Keep one of them.");
  check_among("providers: {v: {type: vault, config: {timeout: 1s}}}\n",
              "1:39: error: providers.v.config.timeout: does not belong under 'config'. Write it directly under 'providers.v'.");
  check_among("providers: {z: {type: azure, auth: {params: {vault_name: \"a/@evil\"}}}}\n",
              "1:58: error: providers.z.auth.params.vault_name: is no vault's name. Letters, digits and '-'.");
}

BOOST_AUTO_TEST_CASE(what_has_no_meaning_here_is_ignored_aloud) {
  const Bad lines[] = {
      {"version: v1.0.0\n", "1:1: warning: version: is ignored. Leave it out; the file has no version."},
      {"mode: cloud\n", "1:1: warning: mode: is ignored. Leave it out; the providers say where secrets come from."},
      {"mode: local\n", "1:1: warning: mode: is an older spelling. Leave it out; without 'provider' the local store is used."},
      {"mode: loca\n", "1:7: error: mode: there is no 'loca' here. Did you mean 'local'?"},
      {"proxy: {allowed_host_ports: [1]}\n",
       "1:1: warning: proxy: is ignored. Set 'proxy' on the provider instance that needs it."},
      {"notifications: {slack: {url: x}}\n", "1:1: warning: notifications: is ignored. Notifications are not supported yet."},
      {"agent: {cache: true}\n", "1:9: warning: agent.cache: is ignored. Nothing is cached outside locked memory; leave it out."},
      {"agent: {refresh_interval: 5m}\n",
       "1:9: warning: agent.refresh_interval: is ignored. The present key is 'agent.watch.polling_interval'."},
      {"agent: {auto_sync: true}\n",
       "1:9: warning: agent.auto_sync: is ignored. Leave it out; 'rotation: false' on a secret stops its updates."},
      {"agent: {restart_strategy: {type: x, grace_period: 1s}}\n",
       "1:9: warning: agent.restart_strategy: is ignored. The present keys are 'agent.rotation.strategy' and "
       "'agent.rotation.drain_timeout'."},
      {"agent: {watch: {mode: hybrid}}\n",
       "1:17: warning: agent.watch.mode: is ignored: DSO polls, and listens wherever a store or the engine tells it more. Leave "
       "it out."},
      {"agent: {watch: {webhook: {enabled: true}}}\n",
       "1:17: warning: agent.watch.webhook: is ignored. Webhooks are not supported yet; polling finds every change."},
      {"agent: {rotation: {enabled: false}}\n",
       "1:20: warning: agent.rotation.enabled: is an older spelling. Write defaults: {rotation: false}."},
  };
  for (const Bad& b : lines) check_one(b.yaml, b.line);
  BOOST_TEST(!warned("agent: {rotation: {enabled: false}}\nsecrets: [{name: a}]\n").secrets.at(0).rotation);
  check_one("mode: local\nprovider: aws\n",
            "1:7: error: mode: 'local' means the local store, but there are other providers too. Leave 'mode' out; add {type: "
            "local} under 'providers' if you need it.");
}

BOOST_AUTO_TEST_CASE(rotation_as_a_map) {
  const auto config = warned(R"(
defaults: {inject: {type: file, uid: 1}, rotation: {enabled: true, strategy: signal, signal: USR2}}
secrets:
  - {name: a, rotation: {enabled: true, strategy: restart, health_check_timeout: 7s}}
  - {name: b, rotation: {enabled: false}}
  - {name: c}
)");
  BOOST_TEST((config.secrets[0].reload.type == Strategy::restart && config.secrets[0].health_check_timeout == 7s &&
              config.secrets[0].rotation));
  BOOST_TEST(!config.secrets[1].rotation);
  BOOST_TEST((config.secrets[2].reload == dso::ReloadStrategy{Strategy::signal, "SIGUSR2"}));
  check_one("secrets: [{name: a, rotation: {enabled: true, strategy: signal, signal: hup}}]\n",
            "1:21: warning: secrets[0].rotation: a map is an older spelling. Write rotation: true, reload_strategy: {type: "
            "signal, signal: SIGHUP}.");
  check_among("secrets: [{name: a, rotation: {strategy: none}, reload_strategy: restart}]\n",
              "1:66: error: secrets[0].reload_strategy: contradicts the strategy under 'rotation'. Keep 'reload_strategy', and "
              "write 'rotation: true'.");
  check_one("secrets: [{name: a, rotation: {enbled: true}}]\n",
            "1:21: warning: secrets[0].rotation: a map is an older spelling. Write rotation: true.\n"
            "1:32: error: secrets[0].rotation.enbled: unknown key. Did you mean 'enabled'?");
}

BOOST_AUTO_TEST_SUITE_END()
