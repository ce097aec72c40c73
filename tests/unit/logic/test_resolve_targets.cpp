// Which secrets a container gets.
#include <boost/test/unit_test.hpp>

#include "logic/parse_config.h"
#include "logic/resolve_targets.h"

BOOST_AUTO_TEST_SUITE(resolve_targets)

namespace {

dso::Config config() {
  return *dso::parse_config(R"(
providers: {p: {type: local}, q: {type: vault}}
defaults: {inject: {type: file, uid: 5}}
secrets:
  - {name: db, inject: env, targets: {containers: [api, worker]}, mappings: {password: DB_PASSWORD, user: DB_USER}}
  - {name: web, targets: {labels: {tier: web, zone: a}}}
  - {name: both, targets: {containers: [api], labels: {tier: web}}}
  - {name: loose, provider: q}
  - {name: many, targets: {containers: [x]}, mappings: {a: one}}
  - {name: many, targets: {containers: [y]}, mappings: {a: two}}
)",
                            "f")
              .config;
}

std::string names(const dso::TargetFacts& facts) {
  const auto items = dso::resolve_items(config(), facts);
  if (items.has_error()) return "error: " + items.error().what + ": " + items.error().cause;
  std::string out;
  for (const auto& item : *items) out += (out.empty() ? "" : " ") + item.secret.instance + "/" + item.secret.name;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_label_makes_no_field_a_variable_that_steers) {
  const std::string told = names({"z", "", {{"dso.secrets", "db#ld_preload"}}});
  BOOST_TEST(
      told.starts_with("error: Cannot read the label dso.secrets of 'z': The field 'ld_preload' of secret 'db': it would be the "
                       "variable LD_PRELOAD, which steers the dynamic loader"));
  BOOST_TEST(names({"z", "", {{"dso.secrets", "db#password"}}}) == "p/db");
}

BOOST_AUTO_TEST_CASE(by_name_service_and_labels) {
  BOOST_TEST(names({"api", "", {}}) == "p/db");
  BOOST_TEST(names({"proj-api-1", "api", {}}) == "p/db");
  BOOST_TEST(names({"worker", "", {}}) == "p/db");
  BOOST_TEST(names({"other", "", {}}) == "");
  BOOST_TEST(names({"", "", {}}) == "");
  BOOST_TEST(names({"other", "", {{"tier", "web"}}}) == "");
  BOOST_TEST(names({"other", "", {{"tier", "web"}, {"zone", "a"}, {"more", "x"}}}) == "p/web");
  BOOST_TEST(names({"other", "", {{"tier", "web"}, {"zone", "b"}}}) == "");
  BOOST_TEST(names({"api", "", {{"tier", "web"}}}) == "p/db p/both");
  BOOST_TEST(names({"worker", "", {{"tier", "web"}}}) == "p/db");
}

BOOST_AUTO_TEST_CASE(by_the_label_too_each_once) {
  BOOST_TEST(names({"z", "", {{"dso.secrets", "loose, new/one ,,q/db"}}}) == "q/loose p/new/one q/db");
  BOOST_TEST(names({"api", "", {{"dso.secrets", "db,db,loose"}}}) == "p/db q/loose");
  BOOST_TEST(names({"z", "", {{"dso.secrets", " , "}}}) == "");
  BOOST_TEST(names({"z", "", {{"dso.secrets", "db#"}}}) ==
             "error: Cannot read the label dso.secrets of 'z': Cannot read the reference 'db#': there is no field after '#'");
}

BOOST_AUTO_TEST_CASE(settings_of_the_entry_else_the_defaults) {
  const auto items = *dso::resolve_items(config(), {"z", "", {{"dso.secrets", "db,new"}}});
  BOOST_REQUIRE(items.size() == 2u);
  BOOST_TEST((items[0].inject.type == dso::InjectType::env && items[0].mappings.size() == 2u));
  BOOST_TEST((items[1].inject.uid.value_or(0) == 5u && items[1].mappings.empty()));
  BOOST_TEST((dso::find_secret(config(), {"q", "loose"}) == nullptr) == false);
  BOOST_TEST(dso::find_secret(config(), {"p", "loose"}) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_field_alone) {
  const auto items = *dso::resolve_items(config(), {"z", "", {{"dso.secrets", "db#password,new#tls.crt,new2##a.b"}}});
  BOOST_REQUIRE(items.size() == 3u);
  BOOST_TEST((items[0].mappings == std::vector<dso::Mapping>{{"password", "DB_PASSWORD"}}));
  BOOST_TEST((items[1].mappings == std::vector<dso::Mapping>{{"tls.crt", "tls.crt"}}));
  BOOST_TEST((items[2].mappings == std::vector<dso::Mapping>{{"#a.b", "b"}}));
}

BOOST_AUTO_TEST_CASE(one_secret_with_other_settings_for_others) {
  const auto x = *dso::resolve_items(config(), {"x", "", {}}), y = *dso::resolve_items(config(), {"y", "", {}});
  BOOST_TEST((x.at(0).mappings.at(0).dest == "one" && y.at(0).mappings.at(0).dest == "two"));
}

BOOST_AUTO_TEST_SUITE_END()
