// A scope's folder changed by hand is put right from what it keeps; what a killed writer left is another matter.
#include "delivery/mend.h"

#include "delivery/scope_folder.h"
#include "logic/plan_delivery.h"
#include "store_fixture.h"

using namespace dso;
using namespace dso::test;

namespace fs = std::filesystem;

namespace {

struct HandFixture : StoreFixture {
  SecretKey key{"prod", "app/db"};
  std::string place, scope = store.paths().secrets_dir() + "/web";

  HandFixture() {
    std::map<SecretKey, SecretValue> values;
    values[key] = SecretValue{"app/db", "7", {}};
    values[key].fields.push_back({"password", SecretBytes::copy_of("good")});
    const ScopeState state = state_of("web", "d1");
    const auto plan = plan_of_values(state.scope, values);
    BOOST_REQUIRE(store.write(state, plan.value(), values).has_value());
    place = folder("web");
  }
  std::string generation() const { return fs::read_symlink(place + "/..data"); }
  std::string mended() { return delivery::mend(store, "web"); }
  /// It is seen as not whole, named, and then all is as it was.
  void check_mended(const std::string& named) {
    BOOST_CHECK_EQUAL(digest_of(store.read("web")), "");
    const std::string found = mended();
    BOOST_CHECK_MESSAGE(found.find(named) != std::string::npos, found);
    BOOST_CHECK_EQUAL(show_folder(place), "a=good ");
    BOOST_CHECK_EQUAL(digest_of(store.read("web")), "d1");
    BOOST_CHECK_EQUAL(store.read("web")->applied.at("container").at("prod/app/db"), "d1");
    BOOST_CHECK_EQUAL(mended(), "");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(mend, HandFixture)

BOOST_AUTO_TEST_CASE(nothing_was_done) {
  BOOST_CHECK_EQUAL(mended(), "");
  BOOST_CHECK_EQUAL(digest_of(store.read("web")), "d1");
}

BOOST_AUTO_TEST_CASE(links_and_files) {
  fs::remove(place + "/..data");
  check_mended("..data is gone");
  fs::remove(place + "/..data");
  fs::create_symlink("..g-elsewhere", place + "/..data");
  check_mended("..data leads nowhere");
  fs::remove(place + "/a");
  check_mended("a has no link");
  fs::remove(place + "/" + generation() + "/a");
  check_mended("a is gone");
  fs::remove_all(place + "/" + generation());
  check_mended("..data leads nowhere");
  std::ofstream(place + "/mine") << "x";
  check_mended("mine is not of DSO");
  std::ofstream(place + "/" + generation() + "/mine") << "x";
  check_mended("mine has no link");
}

BOOST_AUTO_TEST_CASE(the_state) {
  for (const char* text : {"", "{", "garbage", "{\"generation\":1}", "[]"}) {
    std::ofstream(scope + "/state.json", std::ios::trunc) << text;
    BOOST_REQUIRE(store.read("web").has_value());
    BOOST_CHECK_EQUAL(digest_of(store.read("web")), "");
    BOOST_CHECK_NE(mended(), "");
    BOOST_CHECK_EQUAL(store.read("web")->delivered.at(0).version, "7");
    BOOST_CHECK_EQUAL(show_folder(place), "a=good ");
  }
  fs::remove(scope + "/state.json");
  BOOST_CHECK_EQUAL(mended(), "state.json is gone");
  BOOST_CHECK_EQUAL(store.read("web")->delivered.size(), 1u);
}

BOOST_AUTO_TEST_CASE(a_look_that_keeps_what_it_read_sees_it) {
  const auto look = [&] { return digest_of(store.read_cached("web")); };
  BOOST_CHECK_EQUAL(look(), "d1");
  usleep(60'000);  // what was read is kept once it was read twice with more than a tick between
  BOOST_CHECK_EQUAL(look(), "d1");
  BOOST_CHECK_EQUAL(look(), "d1");
  fs::remove(place + "/" + generation() + "/a");
  BOOST_CHECK_EQUAL(look(), "");
}

BOOST_AUTO_TEST_CASE(without_kept_values_it_is_left_to_the_stores) {
  write("other", "d1", {{"/run/secrets/a", "1"}});
  fs::remove(folder("other") + "/a");
  BOOST_CHECK_EQUAL(digest_of(store.read("other")), "");
  BOOST_CHECK_EQUAL(delivery::mend(store, "other"), "");
}

BOOST_AUTO_TEST_SUITE_END()
