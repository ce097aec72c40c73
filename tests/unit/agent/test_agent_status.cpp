// The agent's own part of `dso status`, from counters.
#include "agent/agent_status.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

namespace dso {

BOOST_AUTO_TEST_SUITE(agent_status_json)

BOOST_AUTO_TEST_CASE(says_how_each_store_and_scope_is) {
  using metrics::Metric;
  Config config;
  config.file = "/etc/dso/dso.yaml";
  for (const char* name : {"prod", "idle", "down"}) {
    ProviderInstance instance;
    instance.name = name;
    instance.type = "vault";
    config.providers.push_back(instance);
  }
  const metrics::Samples samples{{{Metric::provider_up, "prod"}, 1},      {{Metric::provider_up, "down"}, 0},
                                 {{Metric::secrets_watched, "prod"}, 12}, {{Metric::secrets_refused, "prod"}, 1},
                                 {{Metric::secrets_held, "prod"}, 2},     {{Metric::last_good_poll, "prod"}, 17.5}};
  ReloaderState reloader;
  reloader.running = {"api-1"};
  reloader.failing = {{"web-2", 3, std::chrono::milliseconds(1500)}};
  auto status = agent_status(config, samples, reloader, true, 99);
  status.erase("pid");
  BOOST_TEST(boost::json::serialize(status.at("providers")) ==
             R"([{"name":"prod","type":"vault","up":true,"secrets":12,"refused":1,"held":2,"last_answer_ms":17500},)"
             R"({"name":"idle","type":"vault","up":null,"secrets":0,"refused":0,"held":0,"last_answer_ms":0},)"
             R"({"name":"down","type":"vault","up":false,"secrets":0,"refused":0,"held":0,"last_answer_ms":0}])");
  BOOST_TEST(boost::json::serialize(status.at("rotating")) == R"(["api-1"])");
  BOOST_TEST(boost::json::serialize(status.at("waiting")) == "[]");
  BOOST_TEST(boost::json::serialize(status.at("failing")) == R"([{"scope":"web-2","attempts":3,"next_try_in_ms":1500}])");
  BOOST_TEST(status.at("swarm_leader").as_bool());
  const AgentWork work = agent_work(status);
  BOOST_TEST((work.rotating == std::set<std::string>{"api-1"}));
  BOOST_TEST(work.failing.at("web-2") == 3);
  BOOST_TEST(work.held.at("prod") == 2);
  BOOST_TEST(agent_work({{"rotating", 1}, {"failing", {7}}, {"providers", nullptr}}).rotating.empty());
  BOOST_TEST(status.at("started_at_ms").as_int64() == 99);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
