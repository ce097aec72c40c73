// What is kept is believed only while nothing changed, whoever changes it, and however soon after the last look.
#include "delivery/state_cache.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "delivery/scope_registry.h"
#include "store_fixture.h"

using namespace dso;
using namespace dso::test;
using namespace std::chrono_literals;
using delivery::StateCache;

namespace {

struct Cached : StoreFixture {
  StateCache cache;
  StateCache::Time now{};
  std::size_t before = 0;

  Result<ScopeState> look(const std::string& id, std::chrono::milliseconds later = 1s) {
    now += later;
    before = cache.reads();
    const auto kept = cache.state(id, store.paths().secrets_dir() + "/" + id, now, [&] { return store.read(id); });
    return kept.has_value() ? Result<ScopeState>(**kept) : Result<ScopeState>(kept.error());
  }
  std::size_t read() const { return cache.reads() - before; }
  void settle(const std::string& id) {
    look(id);
    look(id);
    look(id);
    BOOST_REQUIRE_EQUAL(read(), 0u);
  }
  void put(const std::string& id, const std::string& digest) { write(id, digest, {{"/run/secrets/a", "1"}, {"K", "v"}}); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(state_cache, Cached)

BOOST_AUTO_TEST_CASE(nothing_is_read_while_nothing_changes) {
  put("s", "d1");
  BOOST_CHECK_EQUAL(digest_of(look("s")), "d1");
  BOOST_CHECK_EQUAL(read(), 1u);
  look("s");
  for (int i = 0; i < 5; ++i) {
    BOOST_CHECK_EQUAL(digest_of(look("s")), "d1");
    BOOST_CHECK_EQUAL(read(), 0u);
  }
}

BOOST_AUTO_TEST_CASE(within_a_tick_of_the_kernels_clock_nothing_is_believed) {
  put("s", "d1");
  look("s");
  for (int i = 0; i < 4; ++i) {
    look("s", 10ms);
    BOOST_CHECK_EQUAL(read(), 1u);
  }
  look("s", 10ms);  // 50 ms after the first: the last time that it is read
  BOOST_CHECK_EQUAL(read(), 1u);
  look("s", 10ms);
  BOOST_CHECK_EQUAL(read(), 0u);
}

BOOST_AUTO_TEST_CASE(every_kind_of_change_is_seen) {
  put("s", "d1");
  settle("s");
  put("s", "d2");
  BOOST_CHECK_EQUAL(digest_of(look("s")), "d2");
  settle("s");
  BOOST_REQUIRE(store.restore_previous("s").has_value());
  BOOST_CHECK_EQUAL(digest_of(look("s")), "d1");
  settle("s");
  BOOST_REQUIRE(store.save_state(state_of("s", "d3")).has_value());
  BOOST_CHECK_EQUAL(digest_of(look("s")), "d3");
  settle("s");
  BOOST_REQUIRE(store.remove("s").has_value());
  BOOST_CHECK(look("s").error().cls == ErrorClass::not_found);
  BOOST_CHECK(look("s").error().cls == ErrorClass::not_found);
  put("s", "d4");
  BOOST_CHECK_EQUAL(digest_of(look("s")), "d4");
}

BOOST_AUTO_TEST_CASE(a_writer_killed_between_two_switches_is_seen) {
  put("s", "d1");
  settle("s");
  // One folder shows another generation than the state says, whose file nobody has touched.
  const std::string folder = folder_in(store, "s", "/run/secrets");
  std::filesystem::create_directory(folder + "/..g-other");
  std::filesystem::create_directory_symlink("..g-other", folder + "/..data.new");
  std::filesystem::rename(folder + "/..data.new", folder + "/..data");
  const auto torn = look("s");
  BOOST_REQUIRE(torn.has_value());
  BOOST_CHECK(torn->delivered.empty());
}

BOOST_AUTO_TEST_CASE(scopes_that_nobody_asks_for_are_forgotten) {
  put("a", "d");
  put("b", "d");
  settle("a");
  settle("b");
  cache.keep_only({"b"});
  look("b");
  BOOST_CHECK_EQUAL(read(), 0u);
  look("a");
  BOOST_CHECK_EQUAL(read(), 1u);
}

BOOST_AUTO_TEST_CASE(the_list_of_known_scopes_too) {
  put("a", "d");
  const auto known = [&](std::chrono::milliseconds later = 1s) {
    now += later;
    before = cache.reads();
    return cache.scopes(root.path + "/state/scopes", now, [&] { return delivery::remembered_scopes(root.path + "/state"); })
        ->size();
  };
  BOOST_CHECK_EQUAL(known(), 1u);
  known();
  BOOST_CHECK_EQUAL(known(), 1u);
  BOOST_CHECK_EQUAL(read(), 0u);
  put("b", "d");
  BOOST_CHECK_EQUAL(known(), 2u);
  known();
  known();
  BOOST_CHECK_EQUAL(read(), 0u);
  // The same scope with another content: its file is another one.
  ScopeState other = state_of("b", "d");
  other.scope.service = "renamed";
  BOOST_REQUIRE(store.write(other, {}).has_value());
  known();
  BOOST_CHECK_EQUAL(read(), 1u);
  BOOST_REQUIRE(store.remove("a").has_value());
  BOOST_CHECK_EQUAL(known(), 1u);
}

BOOST_AUTO_TEST_SUITE_END()
