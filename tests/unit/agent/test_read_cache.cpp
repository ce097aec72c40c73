// What readers get while the store answers, is down, refuses and comes back.
#include "agent/read_cache.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <future>
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

  ReadCache cache(std::chrono::milliseconds retry_after = 1h, std::size_t most_bytes = ReadCache::kMostBytes) {
    return ReadCache(
        [this](const SecretKey& key, const std::string& version, const Deadline&, std::stop_token) -> Result<SecretValue> {
          ++asked;
          if (fault) return make_error(*fault, "Failed to fetch secret '" + key.name + "'", "because");
          SecretValue value{key.name, version.empty() ? "1" : version, {}};
          value.fields.push_back({"value", SecretBytes::copy_of(text)});
          return value;
        },
        retry_after, most_bytes);
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
  auto c = cache();
  const auto read = [&](const SecretKey& key) { return shown(c.read(key, 1h, Deadline::in(10s), {})); };
  BOOST_TEST(read(kDb) == "v1");
  text = "v2";
  BOOST_TEST(read(kDb) == "v1");
  BOOST_TEST(asked == 1);
  BOOST_TEST(read(kApi) == "v2");
  BOOST_TEST(shown(c.read(kDb, 0ms, Deadline::in(10s), {})) == "v2");
  BOOST_TEST(asked == 3);
}

// Another config has another store by the instance's name: it is asked, and what the old one gave is only the last good value.
BOOST_AUTO_TEST_CASE(what_is_outdated_is_asked_for_and_kept_for_need) {
  auto c = cache(0ms);
  const SecretKey other{"other", "db"};
  const auto read = [&](const SecretKey& key) { return shown(c.read(key, 1h, Deadline::in(10s), {})); };
  const auto pinned = [&] { return shown(c.read_version(kDb, "7", Deadline::in(10s), {})); };
  BOOST_TEST(read(kDb) == "v1");
  BOOST_TEST(read(other) == "v1");
  BOOST_TEST(pinned() == "v1");
  text = "v2";
  c.ask_anew({"default"});
  fault = ErrorClass::unavailable;
  BOOST_TEST(read(kDb) == "v1 stale");
  BOOST_TEST(pinned() == "v1 stale");
  fault.reset();
  BOOST_TEST(read(kDb) == "v2");
  BOOST_TEST(pinned() == "v2");
  asked = 0;
  BOOST_TEST(read(kDb) == "v2");
  BOOST_TEST(read(other) == "v1");
  BOOST_TEST(asked == 0);
}

BOOST_AUTO_TEST_CASE(bytes_are_bounded_the_oldest_go_first) {
  text.assign(1000, 'x');
  auto c = cache(1h, 5000);  // a value and its answer take 2000 and some
  const auto read = [&](const std::string& name) { return c.read({"default", name}, 1h, Deadline::in(10s), {}).has_value(); };
  BOOST_TEST((read("a") && read("b") && read("a") && read("b")));
  BOOST_TEST(asked == 2);
  BOOST_TEST(read("c"));
  BOOST_TEST((read("c") && read("b")));
  BOOST_TEST(asked == 3);
  BOOST_TEST(read("a"));
  BOOST_TEST(asked == 4);
  text.assign(100'000, 'x');
  const auto large = c.read({"default", "large"}, 1h, Deadline::in(10s), {});
  BOOST_TEST(large.has_value());
  BOOST_TEST(read("large"));
  BOOST_TEST(asked == 5);  // the newest stays, however large
}

BOOST_AUTO_TEST_CASE(last_good_while_the_store_is_down_said_once) {
  auto c = cache();
  const auto read = [&](const SecretKey& key) { return shown(c.read(key, 0ms, Deadline::in(10s), {})); };
  BOOST_TEST(read(kDb) == "v1");
  fault = ErrorClass::unavailable;
  BOOST_TEST(read(kDb) == "v1 stale");
  const int before = asked;
  for (int i = 0; i < 100; ++i) BOOST_TEST(read(kDb) == "v1 stale");
  BOOST_TEST(asked == before);              // a store that is down is left alone for a moment
  BOOST_TEST(read(kApi) == "Unavailable");  // never seen
  BOOST_TEST(said("Readers get the last good value, which may be stale") == 1u);
}

BOOST_AUTO_TEST_CASE(the_store_comes_back) {
  auto c = cache(0ms);
  const auto read = [&] { return shown(c.read(kDb, 0ms, Deadline::in(10s), {})); };
  BOOST_TEST(read() == "v1");
  for (const ErrorClass down : {ErrorClass::timeout, ErrorClass::invalid_credentials, ErrorClass::tls, ErrorClass::plugin}) {
    fault = down;
    BOOST_TEST(read() == "v1 stale");
  }
  for (int i = 0; i < 3; ++i) BOOST_TEST(read() == "v1 stale");
  fault.reset();
  text = "v2";
  for (int i = 0; i < 3; ++i) BOOST_TEST(read() == "v2");
  BOOST_TEST(said("Readers get the last good value") == 1u);
  BOOST_TEST(said("Secret 'db' is read from its store again") == 1u);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_the_answer_and_ends_the_last_good_value) {
  auto c = cache();
  const auto read = [&](std::chrono::milliseconds max_age) { return shown(c.read(kDb, max_age, Deadline::in(10s), {})); };
  BOOST_TEST(read(0ms) == "v1");
  fault = ErrorClass::access_denied;
  BOOST_TEST(read(0ms) == "AccessDenied");
  const int before = asked;
  BOOST_TEST(read(1h) == "AccessDenied");
  BOOST_TEST(asked == before);  // a reader's loop does not become the store's
  fault.reset();
  BOOST_TEST(read(0ms) == "v1");
}

BOOST_AUTO_TEST_CASE(after_a_refusal_there_is_nothing_to_fall_back_on) {
  auto c = cache(0ms);
  const auto read = [&] { return shown(c.read(kDb, 0ms, Deadline::in(10s), {})); };
  BOOST_TEST(read() == "v1");
  fault = ErrorClass::not_found;
  BOOST_TEST(read() == "NotFound");
  fault = ErrorClass::unavailable;
  BOOST_TEST(read() == "Unavailable");
  fault.reset();
  BOOST_TEST(read() == "v1");
}

BOOST_AUTO_TEST_CASE(many_readers_make_one_fetch) {
  auto c = cache();
  std::vector<std::jthread> readers;
  std::atomic<int> answered = 0;  // the test's own log is for one thread
  for (int i = 0; i < 16; ++i)
    readers.emplace_back([&] { answered += c.read(kDb, 1h, Deadline::in(10s), {}).has_value() ? 1 : 0; });
  readers.clear();
  BOOST_TEST(answered == 16);
  BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_CASE(who_waits_for_another_readers_fetch_can_be_told_to_stop) {
  std::promise<void> asked_for, answers;
  auto answered = answers.get_future().share();
  ReadCache c([&](const SecretKey& key, const std::string&, const Deadline&, std::stop_token) -> Result<SecretValue> {
    asked_for.set_value();
    answered.wait();
    return SecretValue{key.name, "1", {}};
  });
  auto first = std::async(std::launch::async, [&] { return c.read(kDb, 1h, Deadline::in(1min), {}).has_value(); });
  asked_for.get_future().wait();
  std::stop_source stop;
  auto second = std::async(std::launch::async, [&] { return shown(c.read(kDb, 1h, Deadline::in(1min), stop.get_token())); });
  stop.request_stop();
  BOOST_TEST(second.get() == "Interrupted");
  BOOST_TEST(shown(c.read(kDb, 1h, Deadline::in(10ms), {})) == "Timeout");
  answers.set_value();
  BOOST_TEST(first.get());
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_bounded) {
  auto c = cache();
  for (int i = 0; i < 1100; ++i)
    BOOST_REQUIRE(c.read({"default", "s" + std::to_string(i)}, 1h, Deadline::in(10s), {}).has_value());
  BOOST_TEST(asked == 1100);
  BOOST_REQUIRE(c.read({"default", "s1099"}, 1h, Deadline::in(10s), {}).has_value());
  BOOST_TEST(asked == 1100);
  BOOST_REQUIRE(c.read({"default", "s0"}, 1h, Deadline::in(10s), {}).has_value());
  BOOST_TEST(asked == 1101);
}

BOOST_FIXTURE_TEST_CASE(a_version_is_asked_for_once_and_beside_the_present_one, Fixture) {
  ReadCache c = cache(0ms);
  const SecretKey key{"default", "x"};
  const Deadline d = Deadline::in(5s);
  BOOST_TEST(c.read_version(key, "7", d, {})->value->value.version == "7");
  BOOST_TEST(c.read_version(key, "7", d, {})->value->value.version == "7");
  BOOST_TEST(asked == 1);
  BOOST_TEST(c.read(key, 0ms, d, {})->value->value.version == "1");
  BOOST_TEST(asked == 2);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
