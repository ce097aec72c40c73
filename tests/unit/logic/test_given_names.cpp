// What a container was given stays where it is.
#include "logic/given_names.h"

#include <boost/test/unit_test.hpp>

using namespace dso;

namespace {

DeliveryPlan plan_of(const std::vector<std::pair<std::string, std::string>>& files, const std::vector<std::string>& variables) {
  DeliveryPlan plan;
  for (const auto& [folder, name] : files) {
    PlannedFile file;
    file.folder = folder;
    file.name = name;
    plan.files.push_back(file);
  }
  for (const std::string& name : variables) plan.env.push_back({name, {}, {}});
  return plan;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(given_names_)

BOOST_AUTO_TEST_CASE(what_goes_away_is_named) {
  const auto before = given_names(plan_of({{"/cfg", "x.txt"}, {"/run/secrets", "db"}}, {"PASSWORD"}));
  BOOST_TEST((before == std::vector<std::string>{"/cfg/x.txt", "/run/secrets/db", "PASSWORD"}));
  const auto now = plan_of({{"/cfg/x.txt", "value"}, {"/cfg/x.txt", "more"}, {"/run/secrets", "db"}}, {"USER"});
  BOOST_TEST(not_given_any_more(before, now) == "'/cfg/x.txt', 'PASSWORD'");
}

BOOST_AUTO_TEST_CASE(more_is_no_loss) {
  const auto before = given_names(plan_of({{"/run/secrets", "db"}}, {"PASSWORD"}));
  BOOST_TEST(
      not_given_any_more(before, plan_of({{"/run/secrets", "db"}, {"/run/secrets", "more"}}, {"PASSWORD", "USER"})).empty());
  BOOST_TEST(not_given_any_more({}, plan_of({}, {})).empty());  // an older version noted none
}

BOOST_AUTO_TEST_SUITE_END()
