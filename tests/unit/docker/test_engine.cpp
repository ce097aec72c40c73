// Each call against the engine of this host.
#include "docker/engine.h"

#include <boost/test/unit_test.hpp>
#include <thread>

#include "base/clock.h"
#include "docker/real_container.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(engine_calls)

namespace {

using namespace std::chrono_literals;
using test::engine_answers;
using test::RealContainer;

Deadline soon() {
  return Deadline::in(60s);
}
Engine engine() {
  return Engine::from_environment().value();
}
const char* const kSleeper = "dso-test/busybox:1 sleep 600";

/// Sets DOCKER_HOST for a scope.
class DockerHost {
 public:
  explicit DockerHost(const char* value) {
    if (const char* now = std::getenv("DOCKER_HOST")) before_ = now;
    setenv("DOCKER_HOST", value, 1);
  }
  ~DockerHost() {
    if (before_)
      setenv("DOCKER_HOST", before_->c_str(), 1);
    else
      unsetenv("DOCKER_HOST");
  }

 private:
  std::optional<std::string> before_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(only_unix_sockets) {
  {
    DockerHost host("unix:///run/other.sock");
    BOOST_TEST(engine().socket_path() == "/run/other.sock");
  }
  {
    DockerHost host("");
    BOOST_TEST(engine().socket_path() == "/var/run/docker.sock");
  }
  for (const char* bad : {"tcp://10.0.0.1:2375", "ssh://host", "unix://", "unix://relative", "/var/run/docker.sock"}) {
    DockerHost host(bad);
    auto r = Engine::from_environment();
    BOOST_REQUIRE(r.has_error());
    BOOST_TEST((r.error().cls == ErrorClass::engine_unreachable));
    BOOST_TEST(r.error().next.find("unix:///path") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(no_engine) {
  auto r = Engine::at("/nowhere/docker.sock").inspect("x", soon());
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::engine_unreachable));
  BOOST_TEST(r.error().what == "Failed to inspect container 'x'");
  BOOST_TEST(r.error().cause == "Failed to connect to /nowhere/docker.sock: No such file or directory");
  BOOST_TEST(!r.error().next.empty());
}

BOOST_AUTO_TEST_CASE(version) {
  if (!engine_answers()) return;
  auto v = engine().version(soon());
  BOOST_REQUIRE(v.has_value());
  BOOST_TEST(!v->version.empty());
  BOOST_TEST(v->os == "linux");
}

BOOST_AUTO_TEST_CASE(lists_by_label_in_all_states) {
  if (!engine_answers()) return;
  const std::string mark = "dso-unit.test=" + random_hex(6);
  const RealContainer running("--label " + mark + " --label dso.reloader=true " + kSleeper);
  const RealContainer created("--label " + mark + " " + kSleeper, "create");
  auto list = engine().list({{"label", {mark}}}, soon());
  BOOST_REQUIRE(list.has_value());
  BOOST_REQUIRE(list->size() == 2u);
  for (const Container& c : *list) {
    const bool first = c.id == running.id;
    BOOST_TEST(c.id == (first ? running.id : created.id));
    BOOST_TEST(c.name == (first ? running.name : created.name));
    BOOST_TEST(c.state == (first ? "running" : "created"));
    BOOST_TEST(c.opted_in() == first);
    BOOST_TEST(c.image == "dso-test/busybox:1");
  }
  BOOST_TEST(engine().list({{"label", {mark, "dso.reloader=true"}}}, soon()).value().size() == 1u);
}

BOOST_AUTO_TEST_CASE(inspects_container_and_image) {
  if (!engine_answers()) return;
  const RealContainer real(
      std::string("--user 1000:1000 -e A=b --tmpfs /t -v /usr:/u:ro --entrypoint sleep dso-test/busybox:1 600"));
  for (const std::string& by : {real.id, real.name}) {
    auto c = engine().inspect(by, soon());
    BOOST_REQUIRE(c.has_value());
    BOOST_TEST(c->id == real.id);
    BOOST_TEST(c->name == real.name);
    BOOST_TEST(c->user == "1000:1000");
    BOOST_TEST((c->entrypoint == std::vector<std::string>{"sleep"}));
    BOOST_TEST((c->command == std::vector<std::string>{"600"}));
    BOOST_TEST(c->pid > 1);
    BOOST_TEST(c->started_at_ms > 1'700'000'000'000);
    BOOST_REQUIRE(c->mounts.size() == 1u);
    BOOST_TEST(c->mounts[0].destination == "/u");
    BOOST_TEST(c->mounts[0].read_only);
    auto image = engine().inspect_image(c->image, soon());
    BOOST_REQUIRE(image.has_value());
    BOOST_TEST(image->id == c->image_id);
    BOOST_TEST(engine().inspect_image(c->image_id, soon()).has_value());
  }
  auto gone = engine().inspect("dso-unit-none", soon());
  BOOST_TEST((gone.error().cls == ErrorClass::not_found));
  BOOST_TEST(gone.error().cause == "No such container: dso-unit-none");
  BOOST_TEST((engine().inspect_image("dso-unit-none:1", soon()).error().cls == ErrorClass::not_found));
  for (const char* name : {"", ".", "..", "../images/json?x#", "a/b"})
    BOOST_TEST((engine().inspect(name, soon()).error().cls == ErrorClass::invalid_request));
  BOOST_TEST((engine().inspect_image("a/../b", soon()).error().cls == ErrorClass::invalid_request));
  BOOST_TEST((engine().inspect("a?b#c d%2e", soon()).error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(restarts_kills_starts) {
  if (!engine_answers()) return;
  const std::int64_t began = boot_ms();
  const RealContainer real("dso-test/busybox:1 sh -c 'trap \"echo got-hup\" HUP; echo up; while :; do sleep 0.1; done'");
  const auto before = engine().inspect(real.id, soon()).value();
  BOOST_TEST(engine().restart(real.id, 0s, soon()).has_value());
  const auto after = engine().inspect(real.id, soon()).value();
  BOOST_TEST(after.started_at_ms > before.started_at_ms);
  BOOST_TEST(before.started_boot_ms > began - 10);
  BOOST_TEST(after.started_boot_ms > before.started_boot_ms);
  BOOST_TEST(after.started_boot_ms <= boot_ms());
  BOOST_TEST(after.pid != before.pid);

  BOOST_TEST(engine().kill(real.id, "SIGKILL", soon()).has_value());
  for (int i = 0; i < 600 && engine().inspect(real.id, soon()).value().state == "running"; ++i) usleep(10'000);
  auto dead = engine().kill(real.id, "SIGHUP", soon());
  BOOST_REQUIRE(dead.has_error());
  BOOST_TEST((dead.error().cls == ErrorClass::engine_error));
  BOOST_TEST(engine().start(real.id, soon()).has_value());
  BOOST_TEST(engine().start(real.id, soon()).has_value());  // 304: it runs already
  BOOST_TEST((engine().kill(real.id, "SIGNOPE&x=y", soon()).error().cls == ErrorClass::engine_error));
  BOOST_TEST((engine().restart("dso-unit-none", 0s, soon()).error().cls == ErrorClass::not_found));
}

BOOST_AUTO_TEST_CASE(tails_logs_with_and_without_terminal) {
  if (!engine_answers()) return;
  for (const char* terminal : {"", "-t "}) {
    const RealContainer real(std::string(terminal) + "dso-test/busybox:1 sh -c 'echo one; echo two; echo three'");
    test::shell("docker wait " + real.id);
    auto tail = engine().logs_tail(real.id, 2, soon());
    BOOST_REQUIRE(tail.has_value());
    std::string text(view(*tail));
    std::erase(text, '\r');
    BOOST_TEST(text == "two\nthree\n");
  }
  const RealContainer both("dso-test/busybox:1 sh -c 'echo out; echo err >&2'");
  test::shell("docker wait " + both.id);
  const SecretBuffer both_said = engine().logs_tail(both.id, 10, soon()).value();
  const std::string text(view(both_said));
  BOOST_TEST((text == "out\nerr\n" || text == "err\nout\n"));  // two pipes have no common order
}

BOOST_AUTO_TEST_CASE(follows_events) {
  if (!engine_answers()) return;
  std::vector<std::string> actions;
  std::optional<RealContainer> real;
  const std::string mark = "dso-unit.events=" + random_hex(6);
  const std::int64_t since =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::thread doer([&] { real.emplace("--label " + mark + " dso-test/busybox:1 true"); });
  auto r = engine().events(
      {{"type", {"container"}}, {"label", {mark}}, {"event", {"create", "start", "die"}}},
      [&](const EngineEvent& e) {
        actions.push_back(e.action);
        BOOST_TEST(e.type == "container");
        BOOST_TEST(e.time_ns > since);
        return e.action != "die";
      },
      {}, since);
  doer.join();
  BOOST_TEST(r.has_value());
  BOOST_TEST((actions == std::vector<std::string>{"create", "start", "die"}));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_events_without_error) {
  if (!engine_answers()) return;
  std::stop_source stop;
  std::jthread follower([&] {
    BOOST_TEST(engine()
                   .events(
                       {{"type", {"plugin"}}}, [](const EngineEvent&) { return true; }, stop.get_token())
                   .has_value());
  });
  usleep(50'000);  // a moment into the wait; correct at any moment
  stop.request_stop();
}

BOOST_AUTO_TEST_CASE(copies_share_and_threads_may_use_them) {
  if (!engine_answers()) return;
  const Engine one = engine();
  std::vector<std::jthread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&good, copy = one] {
      for (int i = 0; i < 5; ++i) good += copy.version(soon()).has_value();
    });
  threads.clear();
  BOOST_TEST(good == 20);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
