// Scope ids: the same for the same, another for any difference, always a legal folder name.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>

#include "logic/scope_id.h"

BOOST_AUTO_TEST_SUITE(scope_id)

namespace {

dso::Scope sample() {
  dso::Scope s;
  dso::DeliveryItem item;
  item.secret = {"default", "myapp/db"};
  item.mappings = {{"password", "DB_PASSWORD"}};
  s.items = {item};
  return s;
}

bool legal(const std::string& id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(same_in_same_out) {
  const std::string id = dso::compose_scope_id("shop", sample(), "api");
  BOOST_TEST(id == dso::compose_scope_id("shop", sample(), "api"));
  BOOST_TEST(id.starts_with("compose-shop-api-"));
  BOOST_TEST(legal(id));
}

BOOST_AUTO_TEST_CASE(any_difference_is_another_scope) {
  const std::vector<std::function<void(dso::Scope&)>> changes = {
      [](auto&) {},
      [](auto& s) { s.items[0].secret.name = "myapp/d"; },
      [](auto& s) { s.items[0].secret.instance = "prod"; },
      [](auto& s) { s.items[0].mappings[0].dest = "OTHER"; },
      [](auto& s) {
        s.items[0].mappings[0] = {"passwordD", "B_PASSWORD"};
      },
      [](auto& s) { s.items[0].mappings.clear(); },
      [](auto& s) { s.items[0].inject.type = dso::InjectType::env; },
      [](auto& s) { s.items[0].inject.path = "/run/other"; },
      [](auto& s) { s.items[0].inject.mode = 0440; },
      [](auto& s) { s.items[0].inject.uid = 7; },
      [](auto& s) { s.items[0].inject.gid = 7; },
      [](auto& s) { s.items[0].inject.visible = true; },
      [](auto& s) { s.user_uid = 1000; },
      [](auto& s) { s.user_gid = 1000; },
      [](auto& s) { s.items.push_back(s.items[0]); },
  };
  std::set<std::string> ids;
  for (const auto& change : changes) {
    dso::Scope s = sample();
    change(s);
    ids.insert(dso::compose_scope_id("shop", s, "api"));
  }
  ids.insert(dso::compose_scope_id("shop", sample(), "api-2"));
  ids.insert(dso::compose_scope_id("shop-api", sample(), "2"));
  ids.insert(dso::compose_scope_id("shop", sample(), "API-2"));
  BOOST_TEST(ids.size() == changes.size() + 3);
  // The id and the label for people are not part of what is hashed.
  dso::Scope named = sample();
  named.id = "x";
  named.service = "y";
  BOOST_TEST(dso::compose_scope_id("shop", named, "api") == dso::compose_scope_id("shop", sample(), "api"));
}

BOOST_AUTO_TEST_CASE(long_and_odd_names_stay_legal) {
  BOOST_TEST(legal(dso::compose_scope_id(std::string(300, 'a'), sample(), "Über/..\n" + std::string(300, 'B'))));
  BOOST_TEST(dso::run_scope_id("0123456789abcdef") == "run-0123456789abcdef");
}

BOOST_AUTO_TEST_CASE(user_by_number) {
  using Ids = std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>;
  const auto is = [](std::string_view user, const Ids& ids) { return dso::numeric_user(user) == ids; };
  BOOST_TEST(is("", {0, 0}));
  BOOST_TEST(is("root", {0, 0}));
  BOOST_TEST(is("0", {0, 0}));
  BOOST_TEST(is("1000", {1000, std::nullopt}));
  BOOST_TEST(is("1000:1001", {1000, 1001}));
  BOOST_TEST(is("postgres", {std::nullopt, std::nullopt}));
  BOOST_TEST(is("1000:staff", {1000, std::nullopt}));
  BOOST_TEST(is("99999999999", {std::nullopt, std::nullopt}));
  BOOST_TEST(is("-1", {std::nullopt, std::nullopt}));
}

BOOST_AUTO_TEST_CASE(label_names_each_secret_once) {
  dso::Scope s = sample();
  s.items.push_back(s.items[0]);
  s.items.push_back({{"prod", "tls"}, {}, {}});
  BOOST_TEST(dso::secrets_label(s.items) == "default/myapp/db,prod/tls");
  BOOST_TEST(dso::secrets_label({}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
