// What `dso config show` says: present spellings, the line of each value, defaults, no credential.
#include "logic/config_rows.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "logic/parse_config.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(config_rows_of)

namespace {

/// "value | from" of a key; "" where there is none.
std::string row(const std::string& text, const std::string& key) {
  const ParsedConfig parsed = parse_config(text, "dso.yaml");
  BOOST_REQUIRE(parsed.config.has_value());
  for (const ConfigRow& r : config_rows(*parsed.config, text))
    if (r.key == key) return r.value + " | " + r.from;
  return {};
}

const std::string kLong = R"(providers:
  prod:
    type: vault
    address: https://vault.example:8200
    proxy: http://me:hunter2@proxy.example:3128
    auth:
      method: token
      params: {token: s.12345}
    timeout: 3s
agent:
  watch: {polling_interval: 30s}
defaults:
  inject: {type: file, mode: "0440"}
secrets:
  - name: myapp/db
    inject: env
    targets: {containers: [api]}
    mappings: {password: DB_PASSWORD}
  - name: myapp/tls
    reload_strategy: {type: signal, signal: hup}
    targets: {labels: {tier: web}}
)";

}  // namespace

BOOST_AUTO_TEST_CASE(values_and_lines) {
  BOOST_TEST(row(kLong, "providers.prod.address") == "https://vault.example:8200 | dso.yaml:4");
  BOOST_TEST(row(kLong, "providers.prod.timeout") == "3s | dso.yaml:9");
  BOOST_TEST(row(kLong, "providers.prod.retry.attempts") == "3 | default");
  BOOST_TEST(row(kLong, "agent.watch.polling_interval") == "30s | dso.yaml:11");
  BOOST_TEST(row(kLong, "agent.watch.debounce.quiet") == "2s | default");
  BOOST_TEST(row(kLong, "secrets[0].inject.type") == "env | dso.yaml:16");
  BOOST_TEST(row(kLong, "secrets[0].mappings.password") == "DB_PASSWORD | dso.yaml:18");
  BOOST_TEST(row(kLong, "secrets[0].provider") == "prod | default");
  BOOST_TEST(row(kLong, "secrets[1].inject.mode") == "0440 | dso.yaml:13");
  BOOST_TEST(row(kLong, "secrets[1].reload_strategy.signal") == "SIGHUP | dso.yaml:20");
  BOOST_TEST(row(kLong, "secrets[1].targets.labels.tier") == "web | dso.yaml:21");
}

BOOST_AUTO_TEST_CASE(short_form) {
  const std::string text = "provider: aws\nconfig:\n  region: eu-west-1\n";
  BOOST_TEST(row(text, "providers.default.type") == "aws | dso.yaml:1");
  BOOST_TEST(row(text, "providers.default.region") == "eu-west-1 | dso.yaml:3");
}

BOOST_AUTO_TEST_CASE(no_credential) {
  BOOST_TEST(row(kLong, "providers.prod.auth.params.token") == "(hidden) | dso.yaml:8");
  BOOST_TEST(row(kLong, "providers.prod.proxy") == "http://(hidden)@proxy.example:3128 | dso.yaml:5");
}

BOOST_AUTO_TEST_CASE(no_password_in_a_url_however_it_is_written) {
  const auto proxy = [](const std::string& url) {
    return row("provider: vault\nconfig:\n  address: https://v:8200\n  proxy: \"" + url + "\"\n", "providers.default.proxy");
  };
  BOOST_TEST(proxy("http://me:p@ss@proxy:3128") == "http://(hidden)@proxy:3128 | dso.yaml:4");
  BOOST_TEST(proxy("http://me:p/ss@proxy:3128") == "http://(hidden)@proxy:3128 | dso.yaml:4");
  BOOST_TEST(proxy("http://proxy:3128/?sig=abc") == "http://proxy:3128/?(hidden) | dso.yaml:4");
  BOOST_TEST(proxy("http://proxy:3128") == "http://proxy:3128 | dso.yaml:4");
}

BOOST_AUTO_TEST_CASE(what_only_a_drop_in_knows_is_hidden_whatever_its_name) {
  const std::string text =
      "providers:\n  own:\n    type: acme\n    region: eu\n    config: {api_key: k1, key_file: /etc/k}\n"
      "    auth: {method: pin, params: {pin: \"1234\"}}\n";
  BOOST_TEST(row(text, "providers.own.api_key") == "(hidden) | dso.yaml:5");
  BOOST_TEST(row(text, "providers.own.auth.params.pin") == "(hidden) | dso.yaml:6");
  BOOST_TEST(row(text, "providers.own.key_file") == "/etc/k | dso.yaml:5");
  BOOST_TEST(row(text, "providers.own.region") == "eu | dso.yaml:4");
}

BOOST_AUTO_TEST_CASE(no_file) {
  const auto rows = config_rows(default_config(), "");
  BOOST_TEST(std::all_of(rows.begin(), rows.end(), [](const ConfigRow& r) { return r.from == "default"; }));
  BOOST_TEST(rows.front().key == "providers.default.type");
  BOOST_TEST(rows.front().value == "local");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
