// What `dso validate` prints as a whole.
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include "logic/config_report.h"
#include "logic/parse_config.h"

BOOST_AUTO_TEST_SUITE(config_report)

namespace {

std::string summary(std::string_view yaml) {
  auto parsed = dso::parse_config(yaml, "dso.yaml");
  dso::Config config = parsed.config.value_or(dso::default_config());
  config.file = "dso.yaml";
  return dso::config_summary(config, parsed.diagnostics, parsed.config.has_value());
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_summary_counts) {
  BOOST_TEST(summary("secrets: [{name: a}, {name: b}, {name: c}]\n") == "dso.yaml: 3 secrets, 1 provider: valid");
  BOOST_TEST(summary("providers: {a: {type: aws}, b: {type: vault}}\nsecrets: [{name: a}]\nversion: 1\n") ==
             "dso.yaml: 1 secret, 2 providers, 1 warning: valid");
  BOOST_TEST(summary("") == "dso.yaml: 0 secrets, 1 provider, 1 warning: valid");
  BOOST_TEST(summary("agnet: 1\n") == "dso.yaml: 1 error: not valid");
  BOOST_TEST(summary("agnet: 1\nx: 2\nversion: 1\n") == "dso.yaml: 2 errors, 1 warning: not valid");
  BOOST_TEST(dso::config_summary(dso::default_config(), {}, true) ==
             "no dso.yaml found, built-in defaults with the local store: 0 secrets, 1 provider: valid");
}

BOOST_AUTO_TEST_CASE(the_json_has_every_part) {
  const auto parsed = dso::parse_config("agnet: \"x\"\nversion: 1\n", "dir/\"q\".yaml");
  dso::Config config = dso::default_config();
  config.file = "dir/\"q\".yaml";
  const auto report = boost::json::parse(dso::config_report_json(config, parsed.diagnostics, false));
  BOOST_TEST((report.at("valid") == false && report.at("file") == "dir/\"q\".yaml"));
  const auto& list = report.at("diagnostics").as_array();
  BOOST_REQUIRE(list.size() == 2u);
  BOOST_TEST((list[0] == boost::json::value{{"severity", "error"},
                                            {"file", "dir/\"q\".yaml"},
                                            {"line", 1},
                                            {"column", 1},
                                            {"key", "agnet"},
                                            {"message", "unknown key"},
                                            {"hint", "Did you mean 'agent'?"}}));
  BOOST_TEST((list[1].at("severity") == "warning"));
  BOOST_TEST(boost::json::parse(dso::config_report_json(dso::default_config(), {}, true)).at("diagnostics").as_array().empty());
}

BOOST_AUTO_TEST_CASE(lines_for_people) {
  dso::Diagnostic d;
  d.file = "dso.yaml";
  d.pos = {12, 5};
  d.key = "secrets[0].injct";
  d.message = "unknown key";
  d.hint = "Did you mean 'inject'?";
  BOOST_TEST(dso::render(d) == "dso.yaml:12:5: secrets[0].injct: unknown key. Did you mean 'inject'?");
  BOOST_TEST(dso::render_with_severity(d) == "dso.yaml:12:5: error: secrets[0].injct: unknown key. Did you mean 'inject'?");
  d.severity = dso::Diagnostic::Severity::warning;
  d.pos = {};
  d.key = d.hint = "";
  d.file = "a\x1b[1m";
  BOOST_TEST(dso::render_with_severity(d) == "a\\x1b[1m: warning: unknown key");
}

BOOST_AUTO_TEST_SUITE_END()
