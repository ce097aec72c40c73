// What becomes of each variable: the guess, what --variable and --leave say, and how a reference names the local store under a
// config.
#include <boost/test/unit_test.hpp>

#include "logic/migrate_plan.h"
#include "logic/parse_config.h"

BOOST_AUTO_TEST_SUITE(migrate_plan)

namespace {

dso::ComposeValues project() {
  dso::ComposeValues out;
  out.project = "shop";
  out.services.resize(1);
  out.services[0].service = "api";
  for (const auto& [name, value] :
       {std::pair{"DB_PASSWORD", "x-secret"}, {"LOG_LEVEL", "info"}, {"OLD_KEY", "dso://a#b"}, {"a.key", "x-secret"}})
    out.services[0].variables.push_back({name, dso::SecretBytes::copy_of(value)});
  return out;
}
std::vector<dso::VariableDecision> plan(const dso::MigrateChoice& choice, const dso::Config& config = dso::default_config()) {
  const auto out = dso::plan_migration(project(), choice, config);
  BOOST_REQUIRE_MESSAGE(out.has_value(), (out.has_error() ? dso::render(out.error()) : ""));
  return *out;
}
dso::Config config_of(std::string_view text) {
  const auto parsed = dso::parse_config(text, "dso.yaml");
  BOOST_REQUIRE(parsed.config);
  return *parsed.config;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_guess_and_its_reason) {
  const auto decisions = plan({{}, {}, "shop"});
  BOOST_REQUIRE(decisions.size() == 4u);
  BOOST_TEST(decisions[0].move);
  BOOST_TEST(decisions[0].reason == "its name has PASSWORD");
  BOOST_TEST(decisions[0].reference == "dso://shop/api#DB_PASSWORD");
  for (std::size_t i = 1; i < 4; ++i) BOOST_TEST((!decisions[i].move && decisions[i].reference.empty()));
  BOOST_TEST(decisions[2].reason == "it is a reference already");
}

BOOST_AUTO_TEST_CASE(what_the_caller_says_counts_more) {
  const auto decisions = plan({{"LOG_LEVEL", "OLD_KEY", "a.key"}, {"DB_PASSWORD"}, "shop"});
  BOOST_TEST(!decisions[0].move);
  BOOST_TEST(decisions[0].reason == "--leave names it");
  BOOST_TEST(decisions[1].move);
  BOOST_TEST(decisions[1].reason == "--variable names it");
  BOOST_TEST((!decisions[2].move && !decisions[3].move));
  const auto unknown = dso::plan_migration(project(), {{"DB_PASWORD"}, {}, "shop"}, dso::default_config());
  BOOST_REQUIRE(unknown.has_error());
  BOOST_TEST((unknown.error().cls == dso::ErrorClass::usage));
  for (const char* prefix : {"", "/a", "a/", "-a", "a b", "a#b", "a\"b"}) {
    BOOST_TEST(dso::plan_migration(project(), {{}, {}, prefix}, dso::default_config()).has_error(), prefix);
  }
}

BOOST_AUTO_TEST_CASE(references_name_the_local_store) {
  const dso::Config both = config_of("providers:\n  prod: {type: vault, address: \"https://v:8200\"}\n  here: {type: local}\n");
  BOOST_TEST(plan({{}, {}, "shop"}, both)[0].reference == "dso://here/shop/api#DB_PASSWORD");
  // a project that has the name of a provider
  const dso::Config same = config_of("providers:\n  shop: {type: local}\n");
  BOOST_TEST(plan({{}, {}, "shop"}, same)[0].reference == "dso://shop/shop/api#DB_PASSWORD");
  const dso::Config none = config_of("providers:\n  prod: {type: vault, address: \"https://v:8200\"}\n");
  BOOST_TEST(dso::plan_migration(project(), {{}, {}, "shop"}, none).error().next.find("type: local") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
