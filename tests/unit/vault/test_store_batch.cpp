// Several secrets in one write: one version each, all or none, and what belongs to the write is undone with it.
#include "store_fixture.h"
#include "vault/store_batch.h"

using namespace dso;
using namespace dso::test;

namespace {

std::vector<SecretValue> secrets(std::initializer_list<std::tuple<std::string, std::string, std::string>> fields) {
  std::vector<SecretValue> out;
  for (const auto& [name, field, value] : fields) {
    if (out.empty() || out.back().name != name) out.push_back({name, {}, {}});
    out.back().fields.push_back({field, secret(value)});
  }
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_batch, StoreFixture)

BOOST_AUTO_TEST_CASE(one_version_for_all_fields_and_others_stay) {
  init();
  BOOST_REQUIRE(set("app", "kept", "k").has_value());
  const auto done = store_all(where, std::nullopt, secrets({{"app", "a", "1"}, {"app", "b", "2"}, {"new", "c", "3"}}), false);
  BOOST_REQUIRE(done.has_value());
  BOOST_REQUIRE(done->size() == 2u);
  BOOST_TEST(((*done)[0].version == "2" && (*done)[0].changed && (*done)[1].version == "1"));
  BOOST_TEST(field("app", "kept") == "k");
  BOOST_TEST(field("app", "b") == "2");
  BOOST_TEST(field("new", "c") == "3");
  const auto again = store_all(where, std::nullopt, secrets({{"app", "a", "1"}, {"app", "b", "2"}}), false);
  BOOST_TEST((again.has_value() && (*again)[0].version == "2" && !(*again)[0].changed));
}

BOOST_AUTO_TEST_CASE(another_value_is_replaced_only_when_asked) {
  init();
  BOOST_REQUIRE(set("app", "a", "old").has_value());
  const std::string before = slurp(where.data_file());
  const auto refused =
      store_all(where, std::nullopt, secrets({{"aaa", "x", "1"}, {"app", "a", "new"}, {"app", "b", "2"}}), false);
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().cause == "it has other values in 'a' already");
  BOOST_TEST(slurp(where.data_file()) == before);
  BOOST_TEST(rehearse_all(where, std::nullopt, secrets({{"app", "a", "new"}}), false).has_error());
  BOOST_TEST(rehearse_all(where, std::nullopt, secrets({{"app", "a", "new"}}), true).has_value());
  BOOST_TEST(slurp(where.data_file()) == before);
  BOOST_TEST(store_all(where, std::nullopt, secrets({{"app", "a", "new"}}), true).has_value());
  BOOST_TEST(field("app", "a") == "new");
  BOOST_TEST(field("app", "a", "1") == "old");
}

BOOST_AUTO_TEST_CASE(what_belongs_to_it_is_done_before_and_undone_when_the_write_fails) {
  init();
  std::vector<bool> calls;
  const auto beside = [&](bool doing) -> Result<void> {
    calls.push_back(doing);
    return {};
  };
  BOOST_TEST(store_all(where, std::nullopt, secrets({{"app", "a", "1"}}), false, beside).has_value());
  BOOST_TEST((calls == std::vector<bool>{true}));
  // refused before anything: it is not called
  calls.clear();
  BOOST_TEST(store_all(where, std::nullopt, secrets({{"app", "a", "2"}}), false, beside).has_error());
  BOOST_TEST(calls.empty());
  // what it cannot do, the store does not do either
  const std::string before = slurp(where.data_file());
  const auto cannot = [](bool) -> Result<void> { return make_error(ErrorClass::io, "no", "disk full"); };
  BOOST_TEST(store_all(where, std::nullopt, secrets({{"app", "b", "2"}}), false, cannot).error().what == "no");
  BOOST_TEST(slurp(where.data_file()) == before);
  // the write fails: its target has become a folder
  const auto breaks = [&](bool doing) -> Result<void> {
    calls.push_back(doing);
    if (doing) {
      std::filesystem::rename(where.data_file(), where.data_file() + ".away");
      std::filesystem::create_directory(where.data_file());
    }
    return {};
  };
  BOOST_TEST(store_all(where, std::nullopt, secrets({{"app", "b", "2"}}), false, breaks).has_error());
  BOOST_TEST((calls == std::vector<bool>{true, false}));
}

BOOST_AUTO_TEST_SUITE_END()
