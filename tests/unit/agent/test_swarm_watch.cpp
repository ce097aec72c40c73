// What the leader says of what goes wrong again and again: once.
#include "agent/swarm_watch.h"

#include <boost/test/unit_test.hpp>

#include "base/log.h"
#include "fake_engine.h"
#include "logic/parse_config.h"

namespace dso {
namespace {

using test::answer;
using test::FakeEngine;

/// A leader whose service "api" opted in, with a Swarm secret of version 0.
struct Swarm {
  test::TempFolder folder;
  std::mutex mutex;
  std::vector<std::string> lines;
  int follower = log::follow([this](const std::string& line) {
    const std::lock_guard lock(mutex);
    lines.push_back(line);
  });
  std::string reference = "default/db";
  FakeEngine engine{[this](const std::string& call) { return answer_to(call); }};

  ~Swarm() { log::unfollow(follower); }
  std::string answer_to(const std::string& call) const {
    if (call == "GET /info") return answer(R"({"Swarm":{"NodeID":"n1","ControlAvailable":true}})");
    if (call == "GET /nodes/n1") return answer(R"({"Spec":{"Role":"manager"},"ManagerStatus":{"Leader":true}})");
    if (call == "GET /secrets")
      return answer(R"([{"ID":"s1","Version":{"Index":7},"Spec":{"Name":"db","Labels":{"dso.secret":")" + reference +
                    R"(","dso.version":"0"},"Driver":{"Name":"dso"}}}])");
    if (call.starts_with("GET /services"))
      return answer(R"([{"ID":"v1","Version":{"Index":42},"Spec":{"Name":"api","Labels":{"dso.reloader":"true"},
        "TaskTemplate":{"ContainerSpec":{"Image":"x","Secrets":[{"SecretID":"s1","SecretName":"db"}]}}}}])");
    if (call == "GET /tasks") return answer("[]");
    return FakeEngine::refusal("500 Internal Server Error", "no more room");
  }
  Paths paths() const {
    Paths p;
    p.store_dir = folder.file("store");
    return p;
  }
  static Config config() {
    Config c = default_config();
    c.agent.polling_interval = std::chrono::milliseconds(5);
    return c;
  }
  std::size_t said(const std::string& part) {
    const std::lock_guard lock(mutex);
    std::size_t n = 0;
    for (const std::string& line : lines) n += line.find(part) != std::string::npos;
    return n;
  }
  void watch_until(const std::string& call, std::size_t times) {
    Sources sources(config(), paths());
    const SwarmServed served;
    const SwarmWatch watch(SwarmClient(engine.socket()), sources, served);
    BOOST_TEST(engine.wait_called(call, times));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(swarm_watch, Swarm)

BOOST_AUTO_TEST_CASE(a_step_that_the_engine_refuses_is_told_once_and_tried_again) {
  BOOST_REQUIRE(LocalStore::init(paths().store(), std::nullopt).has_value());
  BOOST_REQUIRE(LocalStore::set(paths().store(), std::nullopt, "db", "password", SecretBytes::copy_of("x")).has_value());
  watch_until("POST /secrets/create", 5);
  BOOST_TEST(said("no more room") == 1u);
}

BOOST_AUTO_TEST_CASE(a_store_that_refuses_is_told_once_and_asked_again) {
  reference = "nowhere/db";
  watch_until("GET /tasks", 5);
  BOOST_TEST(said("Failed to ask for the version of 'nowhere/db'") == 1u);
  BOOST_TEST(engine.called("POST") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
