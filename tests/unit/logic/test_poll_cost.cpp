// What polling asks of the stores in a month, and what `dso validate` shows of it.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include "logic/config_report.h"
#include "logic/parse_config.h"
#include "logic/poll_cost.h"
#include "poll_cases.h"

BOOST_AUTO_TEST_SUITE(poll_cost)

namespace {

using namespace dso;

Config config(const std::string& yaml) {
  auto parsed = parse_config(yaml, "dso.yaml");
  BOOST_REQUIRE_MESSAGE(parsed.config.has_value(), yaml);
  return *parsed.config;
}

std::string secrets(const std::string& prefix, int count, const std::string& more = "") {
  std::string out = "secrets:\n";
  for (int i = 0; i < count; ++i) out += "  - {name: \"" + prefix + std::to_string(100 + i) + "\"" + more + "}\n";
  return out;
}

/// "PROVIDER|KIND|SECRETS|CALLS|USD|WHAT" a row.
std::vector<std::string> rows(const std::string& yaml) {
  std::vector<std::string> out;
  for (const auto& row : poll_cost_rows(config(yaml))) {
    std::string line;
    for (const std::string& cell : row) line += (line.empty() ? "" : "|") + cell;
    out.push_back(line);
  }
  return out;
}
std::string row(const std::string& yaml) {
  const auto all = rows(yaml);
  BOOST_REQUIRE(all.size() == 1u);
  return all[0];
}

const std::string kAws = "provider: aws\nconfig: {region: eu-west-1}\n";

}  // namespace

BOOST_AUTO_TEST_CASE(a_round_is_what_the_provider_asks) {
  for (const auto& c : poll_cases::aws()) {
    const AwsCalls calls = aws_calls(c.names);
    BOOST_TEST(calls.secrets_manager == c.secrets_manager);
    BOOST_TEST(calls.ssm == c.ssm);
  }
  for (const auto& c : poll_cases::key_vault())
    BOOST_TEST(key_vault_calls(static_cast<std::size_t>(c.secrets), std::chrono::seconds(c.interval_s)) == c.calls,
               c.secrets << " secrets every " << c.interval_s << " s");
}

BOOST_AUTO_TEST_CASE(secrets_manager) {
  // 30 days of 2 minutes are 21600 polls
  BOOST_TEST(row(kAws + secrets("s", 1)) ==
             "default|aws|1|21600|0.11|AWS Secrets Manager: 20 secrets a call; keeping them is 0.40 more");
  BOOST_TEST(row(kAws + secrets("s", 20)) ==
             "default|aws|20|21600|0.11|AWS Secrets Manager: 20 secrets a call; keeping them is 8.00 more");
  // every tenth poll compares values, 40 at once: 41 are 2 calls and 1 (versions are 3)
  BOOST_TEST(row(kAws + secrets("s", 41)) ==
             "default|aws|41|64800|0.33|AWS Secrets Manager: 20 secrets a call; keeping them is 16.40 more");
  // 100 are 5 calls for the versions, and 2, 2 and 1 for the values
  BOOST_TEST(row(kAws + secrets("s", 100)) ==
             "default|aws|100|108000|0.54|AWS Secrets Manager: 20 secrets a call; keeping them is 40.00 more");
  // 21 of another region and 20 of the own: versions are 2 calls and 1; values, 40 at once, are 2 and 1 and another 1
  std::string both = secrets("arn:aws:secretsmanager:us-east-2:123456789012:secret:s", 21);
  both += secrets("s", 20).substr(std::string("secrets:\n").size());
  BOOST_TEST(row(kAws + both) == "default|aws|41|66960|0.34|AWS Secrets Manager: 20 secrets a call; keeping them is 16.40 more");
}

BOOST_AUTO_TEST_CASE(the_interval_counts) {
  const std::string often = "agent: {watch: {polling_interval: 10s}}\n", seldom = "agent: {watch: {polling_interval: 24h}}\n";
  BOOST_TEST(row(kAws + often + secrets("s", 1)) ==
             "default|aws|1|259200|1.30|AWS Secrets Manager: 20 secrets a call; keeping them is 0.40 more");
  BOOST_TEST(row(kAws + seldom + secrets("s", 1)) ==
             "default|aws|1|30|0.01|AWS Secrets Manager: 20 secrets a call; keeping them is 0.40 more");
  BOOST_TEST(poll_cost_heading(config(often)) ==
             "Polling every 10s for 30 days, on each host, with every secret in use and none changing; list prices:");
}

BOOST_AUTO_TEST_CASE(the_other_stores) {
  BOOST_TEST(
      (rows(kAws + "secrets: [{name: a}, {name: \"ssm:/app/b\"}]\n") ==
       std::vector<std::string>{"default|aws|1|21600|0.11|AWS Secrets Manager: 20 secrets a call; keeping them is 0.40 more",
                                "default|aws|1|21600|0.00|AWS Parameter Store: 10 parameters a call, standard throughput"}));
  const std::string azure = "provider: azure\nconfig: {address: \"https://kv.vault.azure.net\"}\n";
  BOOST_TEST(row(azure + secrets("s", 1)) == "default|azure|1|21600|0.07|Azure Key Vault: one read");
  BOOST_TEST(
      row(azure + secrets("s", 30)) ==
      "default|azure|30|at least 103680|at least 0.32|Azure Key Vault: the list of the whole vault, 25 a call, and now and "
      "then each secret");
  BOOST_TEST(row("provider: vault\nconfig: {address: \"https://vault:8200\"}\n" + secrets("s", 3)) ==
             "default|vault|3|64800|-|Vault: one read a secret");
  BOOST_TEST(row(secrets("s", 3)) == "default|local|3|0|-|no service");
  BOOST_TEST(row("provider: acme\n" + secrets("s", 3)) == "default|acme|3|-|-|only this provider knows");
  BOOST_TEST(row(kAws) == "default|aws|0|0|-|no secret is polled");
}

BOOST_AUTO_TEST_CASE(counted_is_what_is_polled) {
  // each once, however many targets it has; not what never changes
  BOOST_TEST(row("provider: vault\nconfig: {address: \"https://vault:8200\"}\nsecrets:\n"
                 "  - {name: a, targets: {containers: [x]}}\n  - {name: a, targets: {containers: [y]}}\n"
                 "  - {name: b, rotation: false}\n") == "default|vault|1|21600|-|Vault: one read a secret");
  BOOST_TEST((rows("providers: {a: {type: vault, address: \"https://a\"}, b: {type: local}}\n"
                   "secrets: [{name: x}, {name: x, provider: b}]\n") ==
              std::vector<std::string>{"a|vault|1|21600|-|Vault: one read a secret", "b|local|1|0|-|no service"}));
}

BOOST_AUTO_TEST_CASE(as_json) {
  const Config c = config(
      "providers: {a: {type: aws, region: eu-west-1}, v: {type: vault, address: \"https://v\"}, x: {type: acme}}\n"
      "secrets: [{name: s}, {name: s, provider: v}, {name: s, provider: x}]\n");
  const auto report = boost::json::parse(config_report_json(c, {}, true));
  const boost::json::value expected = boost::json::parse(
      R"({"interval_ms":120000,"days":30,"providers":[)"
      R"({"name":"a","type":"aws","secrets":1,"known":true,"stores":[)"
      R"({"service":"AWS Secrets Manager","secrets":1,"calls":21600,"at_least":false,"usd":1.08E-1,"kept_usd":4E-1}]},)"
      R"({"name":"v","type":"vault","secrets":1,"known":true,"stores":[)"
      R"({"service":"Vault","secrets":1,"calls":21600,"at_least":false,"usd":null,"kept_usd":0E0}]},)"
      R"({"name":"x","type":"acme","secrets":1,"known":false,"stores":[]}]})");
  BOOST_TEST((report.at("polling") == expected), boost::json::serialize(report.at("polling")));
  BOOST_TEST(!boost::json::parse(config_report_json(c, {}, false)).as_object().contains("polling"));
}

BOOST_AUTO_TEST_SUITE_END()
