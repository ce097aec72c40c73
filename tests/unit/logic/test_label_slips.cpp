// What is meant for DSO and would do nothing is found, with what was meant; labels of others are nobody's business.
#include "logic/label_slips.h"

#include <boost/test/unit_test.hpp>

namespace dso {
BOOST_AUTO_TEST_SUITE(label_slips_)

namespace {

std::string next_of(const std::string& key, const std::string& value = "true") {
  const auto slips = label_slips({{key, value}});
  return slips.empty() ? "" : slips[0].next;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_dso_knows_is_none) {
  BOOST_TEST(label_slips({{"dso.reloader", "true"},
                          {"dso.exclusive", "false"},
                          {"dso.strategy", "auto"},
                          {"dso.signal", "usr1"},
                          {"dso.secrets", "shop/db"},
                          {"dso.scope", "x"},
                          {"dso.role", "candidate"},
                          {"dso.rotation.mac", ""}})
                 .empty());
  BOOST_TEST(
      label_slips({{"strategy", "x"}, {"app.strategy", "x"}, {"com.docker.compose.project", "dso"}, {"adso.x", "1"}}).empty());
}

BOOST_AUTO_TEST_CASE(the_near_name) {
  for (const char* key : {"dso.stratgy", "dso.update.strategy", "dso.Strategy", "dso_strategy", "dos.strategy", "dso-strategy",
                          "DSO.strategy", "dso.rotation.strategy", "dso.strategies"})
    BOOST_TEST(next_of(key) == "Did you mean 'dso.strategy'?", key);
  BOOST_TEST(next_of("dso.reload") == "Did you mean 'dso.reloader'?");
  BOOST_TEST(next_of("dso.secret") == "Did you mean 'dso.secrets'?");
  BOOST_TEST(next_of("dso.enabled").starts_with("DSO knows: dso.reloader, dso.secrets, "));
  BOOST_TEST(label_slips({{"dso.\x1b[31m", ""}})[0].found.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(values) {
  for (const char* value : {"yes", "True", "1", "", "on"}) {
    BOOST_TEST(next_of("dso.reloader", value) == "Write true or false, in quotes in a compose file.", value);
    BOOST_TEST(!next_of("dso.exclusive", value).empty(), value);
  }
  BOOST_TEST(next_of("dso.strategy", "restrat") == "Did you mean 'restart'?");
  BOOST_TEST(next_of("dso.strategy", "canary") == "One of: auto, rolling, restart, signal, none.");
  BOOST_TEST(next_of("dso.strategy", "") == "");  // as without it
  BOOST_TEST(next_of("dso.signal", "1") == "Write SIGHUP.");
  BOOST_TEST(slip_text(label_slips({{"dso.stratgy", "x"}})[0]) ==
             "the label dso.stratgy is none of DSO's, and does nothing. Did you mean 'dso.strategy'?");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
