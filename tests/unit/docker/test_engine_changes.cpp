// The calls that change containers, against the engine of this host.
#include <boost/test/unit_test.hpp>
#include <thread>

#include "docker/engine.h"
#include "docker/real_container.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(engine_changes)

namespace {

using namespace std::chrono_literals;
using test::engine_answers;
using test::RealContainer;
using test::shell;

Deadline soon() {
  return Deadline::in(60s);
}
Engine engine() {
  return Engine::from_environment().value();
}
SecretBuffer bytes(std::string_view text) {
  return {text.begin(), text.end()};
}
const char* const kSleeper = "dso-test/busybox:1 sleep 600";

struct RealNetwork {
  const std::string name = "dso-unit-" + random_hex(6);
  RealNetwork() { BOOST_REQUIRE(shell("docker network create " + name + " 2>&1").size() == 64u); }
  ~RealNetwork() { shell("docker network rm " + name); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(creates_renames_removes) {
  if (!engine_answers()) return;
  const std::string name = "dso-unit-" + random_hex(6);
  auto id = engine().create(name, bytes(R"({"Image":"dso-test/busybox:1","Cmd":["sleep","600"]})"), soon());
  BOOST_REQUIRE_MESSAGE(id.has_value(), (id.has_error() ? render(id.error()) : ""));
  BOOST_TEST(engine().inspect(*id, soon()).value().name == name);

  auto taken = engine().create(name, bytes(R"({"Image":"dso-test/busybox:1"})"), soon());
  BOOST_REQUIRE(taken.has_error());
  BOOST_TEST((taken.error().cls == ErrorClass::engine_error));
  BOOST_TEST(taken.error().store_code == "409");
  BOOST_TEST((engine().create(name + "x", bytes(R"({"Image":"dso-unit-none:1"})"), soon()).error().cls == ErrorClass::not_found));

  BOOST_TEST(engine().rename(*id, name + "_dso_old", soon()).has_value());
  BOOST_TEST(engine().inspect(*id, soon()).value().name == name + "_dso_old");
  const RealContainer other(kSleeper, "create");
  BOOST_TEST(engine().rename(*id, other.name, soon()).error().store_code == "409");

  BOOST_TEST(engine().start(*id, soon()).has_value());
  BOOST_TEST(engine().remove(*id, false, soon()).error().store_code == "409");  // it runs
  BOOST_TEST(engine().remove(*id, true, soon()).has_value());
  BOOST_TEST((engine().inspect(*id, soon()).error().cls == ErrorClass::not_found));
  BOOST_TEST(engine().remove(*id, true, soon()).has_value());  // gone already
  for (const char* bad : {"", "..", "a/b"}) {
    BOOST_TEST((engine().remove(bad, true, soon()).error().cls == ErrorClass::invalid_request));
    BOOST_TEST((engine().rename(bad, "x", soon()).error().cls == ErrorClass::invalid_request));
    BOOST_TEST((engine().connect_network(bad, "x", "{}", soon()).error().cls == ErrorClass::invalid_request));
  }
}

BOOST_AUTO_TEST_CASE(removing_leaves_anonymous_volumes) {
  if (!engine_answers()) return;
  const RealContainer real(std::string("-v /data ") + kSleeper, "create");
  const std::string volume = shell("docker inspect -f '{{(index .Mounts 0).Name}}' " + real.id);
  BOOST_REQUIRE(volume.size() == 64u);
  BOOST_TEST(engine().remove(real.id, true, soon()).has_value());
  BOOST_TEST(shell("docker volume rm " + volume) == volume);
}

BOOST_AUTO_TEST_CASE(stops_twice) {
  if (!engine_answers()) return;
  const RealContainer real("dso-test/busybox:1 sh -c 'trap \"exit 7\" TERM; echo ready; while :; do sleep 0.1; done'");
  // before it has its trap, the first process of a container is not ended by a signal
  shell("until docker logs " + real.id + " | grep -q ready; do sleep 0.02; done");
  BOOST_TEST(engine().stop(real.id, 30s, soon()).has_value());
  const Container after = engine().inspect(real.id, soon()).value();
  BOOST_TEST(after.state == "exited");
  BOOST_TEST(after.exit_code == 7);
  BOOST_TEST(engine().stop(real.id, 30s, soon()).has_value());  // 304
  BOOST_TEST((engine().stop("dso-unit-none", 0s, soon()).error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(connects_and_disconnects) {
  if (!engine_answers()) return;
  const RealNetwork network;
  const RealContainer real(kSleeper);
  auto r = engine().connect_network(network.name, real.id, R"({"Aliases":["one","two"]})", soon());
  BOOST_REQUIRE_MESSAGE(r.has_value(), (r.has_error() ? render(r.error()) : ""));
  Container c = engine().inspect(real.id, soon()).value();
  const auto there = [&](const Endpoint& e) { return e.network == network.name; };
  const auto endpoint = std::find_if(c.endpoints.begin(), c.endpoints.end(), there);
  BOOST_REQUIRE((endpoint != c.endpoints.end()));
  BOOST_TEST((endpoint->aliases == std::vector<std::string>{"one", "two"}));
  BOOST_TEST(!endpoint->ip.empty());
  BOOST_TEST(!endpoint->network_id.empty());
  BOOST_TEST(engine().disconnect_network(network.name, real.id, soon()).has_value());
  c = engine().inspect(real.id, soon()).value();
  BOOST_TEST(std::none_of(c.endpoints.begin(), c.endpoints.end(), there));
  BOOST_TEST(engine().connect_network(network.name, real.id, {}, soon()).has_value());
  BOOST_TEST((engine().connect_network("dso-unit-none", real.id, {}, soon()).error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(inspect_text_is_the_engines_own) {
  if (!engine_answers()) return;
  const RealContainer real(std::string("-e A=b ") + kSleeper, "create");
  auto text = engine().inspect_text(real.id, soon());
  BOOST_REQUIRE(text.has_value());
  BOOST_TEST(view(*text).find("\"A=b\"") != std::string_view::npos);
  BOOST_TEST((engine().inspect_text("dso-unit-none", soon()).error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(executes_and_waits) {
  if (!engine_answers()) return;
  const RealContainer real(std::string("-e A=b ") + kSleeper);
  const auto exec = [&](const std::vector<std::string>& command) {
    auto code = engine().exec(real.id, command, soon());
    BOOST_REQUIRE_MESSAGE(code.has_value(), (code.has_error() ? render(code.error()) : ""));
    return *code;
  };
  BOOST_TEST(exec({"true"}) == 0);
  BOOST_TEST(exec({"sh", "-c", "test $A = b && echo out && echo err >&2 && exit 3"}) == 3);
  BOOST_TEST(exec({"sh", "-c", "exec >&- 2>&-; sleep 0.3; exit 4"}) == 4);
  BOOST_TEST(exec({"sh", "-c", "head -c 300000 /dev/zero; exit 5"}) == 5);
  auto late = engine().exec(real.id, {"sleep", "100"}, Deadline::in(300ms));
  BOOST_REQUIRE(late.has_error());
  BOOST_TEST((late.error().cls == ErrorClass::timeout));
  std::stop_source stop;
  stop.request_stop();
  BOOST_TEST((engine().exec(real.id, {"sleep", "100"}, soon(), stop.get_token()).error().cls == ErrorClass::interrupted));
  const RealContainer asleep(kSleeper, "create");
  BOOST_TEST(engine().exec(asleep.id, {"true"}, soon()).error().store_code == "409");
}

BOOST_AUTO_TEST_CASE(tells_the_agreed_version) {
  if (!engine_answers()) return;
  const auto api = engine().api_version(soon());
  BOOST_REQUIRE(api.has_value());
  const std::string offered = shell("docker version -f '{{.Server.APIVersion}}'");
  BOOST_TEST((*api == std::pair{1, 48} || std::to_string(api->first) + "." + std::to_string(api->second) == offered));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
