// The list is what the engine has, and costs it nothing while nothing happens.
#include "agent/opted_in_list.h"

#include <atomic>
#include <boost/test/unit_test.hpp>

#include "fake_engine.h"

namespace dso {
namespace {

/// Containers by id -> state; answers lists, by id too.
struct ListingEngine {
  std::mutex mutex;
  std::map<std::string, std::string> there{{"aa", "running"}, {"bb", "running"}};
  std::atomic<bool> away = false;
  test::FakeEngine fake{[this](const std::string& call) {
    const std::lock_guard lock(mutex);
    if (away) return test::FakeEngine::refusal("500 Internal Server Error", "no");
    if (call.find("/images/") != std::string::npos) return test::answer(R"({"Id":"sha256:1","Config":{}})");
    const bool singly = call.find("%22id%22") != std::string::npos;
    std::string out;
    for (const auto& [id, state] : there)
      if (!singly || call.find("%22" + id + "%22") != std::string::npos)
        out += (out.empty() ? "" : ",") + std::string(R"({"Id":")") + id + R"(","Names":["/)" + id +
               R"("],"ImageID":"sha256:1","State":")" + state + R"(","Labels":{"dso.reloader":"true"}})";
    return test::answer("[" + out + "]");
  }};
  Engine engine = Engine::at(fake.socket());
  OptedInList list{engine};

  void set(const std::string& id, const std::string& state) {
    const std::lock_guard lock(mutex);
    if (state.empty())
      there.erase(id);
    else
      there[id] = state;
  }
  std::map<std::string, std::string> got() {
    const auto containers = list.get(Deadline::in(std::chrono::seconds(30)), {});
    BOOST_REQUIRE(containers.has_value());
    std::map<std::string, std::string> out;
    for (const auto& c : **containers) out[c->id] = c->state;
    return out;
  }
  std::size_t lists() const { return fake.called("GET /containers/json"); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(opted_in_list, ListingEngine)

BOOST_AUTO_TEST_CASE(nobody_listens_so_each_time_is_a_list) {
  BOOST_TEST((got() == there));
  set("cc", "created");
  BOOST_TEST((got() == there));
  BOOST_TEST(lists() == 2u);
}

BOOST_AUTO_TEST_CASE(at_rest_nothing_is_asked) {
  list.events().may_have_missed_something();
  BOOST_TEST((got() == there));
  for (int i = 0; i < 10; ++i) BOOST_TEST((got() == there));
  BOOST_TEST(lists() == 1u);
}

BOOST_AUTO_TEST_CASE(what_happened_to_is_looked_at_alone) {
  list.events().may_have_missed_something();
  got();
  set("bb", "exited");
  list.events().happened_to("bb");
  set("cc", "running");
  list.events().happened_to("cc");
  BOOST_TEST((got() == there));
  set("aa", "");
  list.events().happened_to("aa");
  BOOST_TEST((got() == there));
  BOOST_TEST(fake.called("%22id%22") == 2u);
  BOOST_TEST(lists() == 3u);
}

BOOST_AUTO_TEST_CASE(now_and_then_it_is_listed_whole_all_the_same) {
  list.events().may_have_missed_something();
  got();
  set("bb", "exited");  // nobody said so
  for (int i = 0; i < 50; ++i) got();
  BOOST_TEST((got() == there));
}

BOOST_AUTO_TEST_CASE(an_engine_that_is_away_is_an_error_and_costs_nothing_of_what_happened) {
  list.events().may_have_missed_something();
  got();
  set("bb", "exited");
  list.events().happened_to("bb");
  away = true;
  BOOST_TEST(list.get(Deadline::in(std::chrono::seconds(30)), {}).has_error());
  away = false;
  BOOST_TEST((got() == there));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
