// What readers get while the store answers, is down, refuses and comes back.
#include "agent/read_cache.h"

#include <boost/test/unit_test.hpp>
#include <thread>

#include "base/log.h"

namespace dso {
namespace {

using namespace std::chrono_literals;

struct Fixture {
  int asked = 0;
  std::optional<ErrorClass> fault;
  std::string text = "v1";
  std::mutex mutex;
  std::vector<std::string> lines;
  int follower = log::follow([this](const std::string& line) {
    const std::lock_guard lock(mutex);
    lines.push_back(line);
  });
  ~Fixture() { log::unfollow(follower); }

  ReadCache cache(std::chrono::milliseconds fresh_for) {
    return ReadCache(
        [this](const SecretKey& key, const std::string& version, const Deadline&, std::stop_token) -> Result<SecretValue> {
          ++asked;
          if (fault) return make_error(*fault, "Failed to fetch secret '" + key.name + "'", "because");
          SecretValue value{key.name, version.empty() ? "1" : version, {}};
          value.fields.push_back({"value", SecretBytes::copy_of(text)});
          return value;
        },
        fresh_for);
  }
  std::size_t said(const std::string& part) {
    const std::lock_guard lock(mutex);
    std::size_t n = 0;
    for (const std::string& line : lines) n += line.find(part) != std::string::npos;
    return n;
  }
  static std::string shown(const Result<ReadCache::Reading>& r) {
    if (r.has_error()) return std::string(class_name(r.error().cls));
    return std::string(r->value->value.fields[0].value.reveal()) + (r->stale ? " stale" : "");
  }
};

const SecretKey kDb{"default", "db"}, kApi{"default", "api"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(read_cache, Fixture)

BOOST_AUTO_TEST_CASE(a_fresh_value_costs_the_store_nothing) {
  auto c = cache(1h);
  const auto read = [&](const SecretKey& key) { return shown(c.read(key, Deadline::in(10s), {})); };
  BOOST_TEST(read(kDb) == "v1");
  text = "v2";
  BOOST_TEST(read(kDb) == "v1");
  BOOST_TEST(asked == 1);
  BOOST_TEST(read(kApi) == "v2");
  BOOST_TEST(shown(c.fetch(kDb, Deadline::in(10s), {})) == "v2");
  BOOST_TEST(asked == 3);
}

BOOST_AUTO_TEST_CASE(last_good_while_the_store_is_down_said_once) {
  auto c = cache(0ms);
  const auto read = [&](const SecretKey& key) { return shown(c.read(key, Deadline::in(10s), {})); };
  BOOST_TEST(read(kDb) == "v1");
  fault = ErrorClass::unavailable;
  BOOST_TEST(read(kDb) == "v1 stale");
  const int before = asked;
  for (int i = 0; i < 100; ++i) BOOST_TEST(read(kDb) == "v1 stale");
  BOOST_TEST(asked == before);              // a store that is down is left alone for a moment
  BOOST_TEST(read(kApi) == "Unavailable");  // never seen
  BOOST_TEST(said("Readers get the last good value, which may be stale") == 1u);
  fault.reset();
  text = "v2";
  BOOST_TEST(shown(c.fetch(kDb, Deadline::in(10s), {})) == "v2");
  BOOST_TEST(said("Secret 'db' is read from its store again") == 1u);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_the_answer_and_ends_the_last_good_value) {
  auto c = cache(0ms);
  const auto read = [&] { return shown(c.read(kDb, Deadline::in(10s), {})); };
  BOOST_TEST(read() == "v1");
  fault = ErrorClass::access_denied;
  BOOST_TEST(read() == "AccessDenied");
  const int before = asked;
  BOOST_TEST(read() == "AccessDenied");
  BOOST_TEST(asked == before);
  fault = ErrorClass::unavailable;
  BOOST_TEST(shown(c.fetch(kDb, Deadline::in(10s), {})) == "Unavailable");  // nothing to fall back on
}

BOOST_AUTO_TEST_CASE(many_readers_make_one_fetch) {
  auto c = cache(1h);
  std::vector<std::jthread> readers;
  for (int i = 0; i < 16; ++i) readers.emplace_back([&] { BOOST_REQUIRE(c.read(kDb, Deadline::in(10s), {}).has_value()); });
  readers.clear();
  BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_bounded) {
  auto c = cache(1h);
  for (int i = 0; i < 1100; ++i) BOOST_REQUIRE(c.read({"default", "s" + std::to_string(i)}, Deadline::in(10s), {}).has_value());
  BOOST_TEST(asked == 1100);
  BOOST_REQUIRE(c.read({"default", "s1099"}, Deadline::in(10s), {}).has_value());
  BOOST_TEST(asked == 1100);
  BOOST_REQUIRE(c.read({"default", "s0"}, Deadline::in(10s), {}).has_value());
  BOOST_TEST(asked == 1101);
}

BOOST_FIXTURE_TEST_CASE(a_version_is_asked_for_once_and_beside_the_present_one, Fixture) {
  ReadCache c = cache(0ms);
  const SecretKey key{"default", "x"};
  const Deadline d = Deadline::in(5s);
  BOOST_TEST(c.read_version(key, "7", d, {})->value->value.version == "7");
  BOOST_TEST(c.read_version(key, "7", d, {})->value->value.version == "7");
  BOOST_TEST(asked == 1);
  BOOST_TEST(c.read(key, d, {})->value->value.version == "1");
  BOOST_TEST(asked == 2);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
