// The engine client against answers that a real engine gives rarely: an upgrade, a proxy's page, half a JSON, a broken stream.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "docker/engine.h"
#include "log_capture.h"
#include "net/local_server.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(engine_answers)

namespace {

using namespace std::chrono_literals;
using test::answer;
using test::LocalServer;

const char* const kPing = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";

/// Answers /_ping with `ping` and all else with `reply`; collects the request lines.
struct FakeEngine {
  std::mutex mutex;
  std::vector<std::string> seen;
  std::function<std::string(const std::string& line)> reply;
  LocalServer server;

  explicit FakeEngine(std::function<std::string(const std::string&)> r)
      : reply(std::move(r)), server([this](int fd, int) { serve(fd); }) {}
  explicit FakeEngine(const std::string& text)
      : FakeEngine([text](const std::string& line) { return line.find("/_ping") == std::string::npos ? text : kPing; }) {}
  void serve(int fd) {
    for (std::string request; !(request = test::read_request(fd)).empty();) {
      const std::string line = request.substr(0, request.find('\r'));
      {
        std::lock_guard lock(mutex);
        seen.push_back(line);
      }
      const std::string text = reply(line);
      if (!test::send_text(fd, text) || text.ends_with("CUT")) return;
    }
  }
  Engine engine() const { return Engine::at(server.socket_path()); }
};

Deadline soon() {
  return Deadline::in(20s);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_version_is_asked_once_and_capped) {
  FakeEngine fake([](const std::string& line) {
    return line.find("/_ping") == std::string::npos ? answer("[]")
                                                    : "HTTP/1.1 200 OK\r\nApi-Version: 1.99\r\nContent-Length: 2\r\n\r\nOK";
  });
  const Engine engine = fake.engine();
  const Engine copy = engine;  // NOLINT(performance-unnecessary-copy-initialization): copies share their connections
  BOOST_TEST(engine.list({}, soon()).has_value());
  BOOST_TEST(copy.list({{"label", {"a=b c"}}}, soon()).has_value());
  BOOST_TEST((fake.seen == std::vector<std::string>{
                               "GET /_ping HTTP/1.1", "GET /v1.48/containers/json?all=1 HTTP/1.1",
                               "GET /v1.48/containers/json?all=1&filters=%7B%22label%22%3A%5B%22a%3Db%20c%22%5D%7D HTTP/1.1"}));
}

BOOST_AUTO_TEST_CASE(an_upgraded_engine_is_asked_again) {
  std::atomic<int> pings{0};
  FakeEngine fake([&](const std::string& line) -> std::string {
    if (line.find("/_ping") != std::string::npos)
      return "HTTP/1.1 200 OK\r\nApi-Version: " + std::string(++pings == 1 ? "1.41" : "1.44") + "\r\nContent-Length: 2\r\n\r\nOK";
    if (line.find("/v1.41/") != std::string::npos)
      return answer(R"({"message":"client version 1.41 is too old. Minimum supported API version is 1.44"})", "400 Bad Request");
    return answer("[]");
  });
  BOOST_TEST(fake.engine().list({}, soon()).has_value());
  BOOST_TEST(pings == 2);
}

BOOST_AUTO_TEST_CASE(what_is_not_the_engine_is_an_error) {
  for (const std::string& text :
       {answer("<html>login</html>"), answer("{\"Id\":\"a\",\"Sta"), answer(""), answer("null"),
        std::string("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n"), answer("oops", "500 Internal Server Error")}) {
    FakeEngine fake(text);
    auto r = fake.engine().inspect("web", soon());
    BOOST_REQUIRE(r.has_error());
    BOOST_TEST((r.error().cls == ErrorClass::engine_error));
    BOOST_TEST(r.error().what == "Failed to inspect container 'web'");
    BOOST_TEST(!r.error().cause.empty());
  }
  FakeEngine web([](const std::string&) { return answer("OK"); });
  auto r = web.engine().version(soon());
  BOOST_TEST((r.error().cls == ErrorClass::engine_error));
  BOOST_TEST(r.error().cause.find("is not a Docker engine") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_cut_answer_and_a_silent_engine_are_unreachable) {
  FakeEngine cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nCUT");
  BOOST_TEST((cut.engine().version(soon()).error().cls == ErrorClass::engine_unreachable));
  LocalServer silent([](int fd, int) {
    test::read_request(fd);
    test::read_request(fd);
  });
  auto r = Engine::at(silent.socket_path()).version(Deadline::in(150ms));
  BOOST_TEST((r.error().cls == ErrorClass::engine_unreachable));
  BOOST_TEST(r.error().cause.find("did not answer in time") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(events_split_over_pieces_and_a_broken_stream) {
  const std::string event = R"({"Type":"container","Action":"start","Actor":{"ID":"abc"},"timeNano":7})";
  std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char c : event + "\n" + event + "\r\n\n" + event.substr(0, 9)) chunks += "1\r\n" + std::string(1, c) + "\r\n";
  FakeEngine fake(chunks + "3\r\nCUT");
  int count = 0;
  auto r = fake.engine().events(
      {},
      [&](const EngineEvent& e) {
        BOOST_TEST(e.id == "abc");
        return ++count > 0;
      },
      {}, 1'000'000'005);
  BOOST_TEST(count == 2);
  BOOST_REQUIRE(r.has_error());
  BOOST_TEST((r.error().cls == ErrorClass::engine_unreachable));
  BOOST_TEST(fake.seen.back() == "GET /v1.41/events?since=1.000000005 HTTP/1.1");

  FakeEngine ended("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  BOOST_TEST(
      (ended.engine().events({}, [](const EngineEvent&) { return true; }, {}).error().cls == ErrorClass::engine_unreachable));
  FakeEngine junk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\njunk\n\r\n");
  BOOST_TEST((junk.engine().events({}, [](const EngineEvent&) { return true; }, {}).error().cls == ErrorClass::engine_error));
  FakeEngine refused(answer(R"({"message":"bad filter"})", "400 Bad Request"));
  auto bad = refused.engine().events({}, [](const EngineEvent&) { return true; }, {});
  BOOST_TEST((bad.error().cls == ErrorClass::engine_error));
  BOOST_TEST(bad.error().cause == "bad filter");
}

BOOST_AUTO_TEST_CASE(one_container_that_cannot_be_read_is_left_out_and_named_once) {
  const std::string good = R"({"Id":"a","Names":["/web"],"Labels":{"l":"m"},"Mounts":[]})",
                    bad = R"({"Id":"b","Names":["/odd"],"Labels":7})";
  FakeEngine fake(answer("[" + good + "," + bad + "]"));
  test::LogCapture log;
  const Engine engine = fake.engine();
  for (int i = 0; i < 3; ++i) {
    const auto list = engine.list({}, soon());
    BOOST_REQUIRE(list.has_value());
    BOOST_REQUIRE(list->size() == 1u);
    BOOST_TEST(list->at(0).label_or("l") == "m");
    const auto all = engine.list_all({}, soon());  // who must not miss one
    BOOST_REQUIRE(all.has_error());
    BOOST_TEST(all.error().cause == "what container 'odd' mounts cannot be read: [1].Labels is not an object");
  }
  BOOST_REQUIRE(log.lines().size() == 1u);
  BOOST_TEST(log.lines()[0] == "WARN: [Agent] Container 'odd' is passed over: [1].Labels is not an object");
  const auto all = FakeEngine(answer("[" + good + "]")).engine().list_all({}, soon());
  BOOST_REQUIRE(all.has_value());
  BOOST_TEST(all->at(0).labels.empty());  // whose words they are was not looked at
}

// Podman lists no mounts.
BOOST_AUTO_TEST_CASE(mounts_that_are_not_listed_are_asked_for) {
  FakeEngine fake([](const std::string& line) -> std::string {
    if (line.find("/_ping") != std::string::npos) return kPing;
    if (line.find("/containers/json") != std::string::npos)
      return answer(R"([{"Id":"a","Mounts":null},{"Id":"b"},{"Id":"c","Mounts":[]}])");
    if (line.find("/containers/b/") != std::string::npos) return answer(R"({"message":"gone"})", "404 Not Found");
    return answer(R"({"Id":"a","State":{"Status":"running"},"Mounts":[{"Type":"bind","Source":"/s"}]})");
  });
  const auto list = fake.engine().list_all({}, soon());
  BOOST_REQUIRE(list.has_value());
  BOOST_REQUIRE(list->size() == 3u);
  BOOST_TEST(list->at(0).mounts.at(0).source == "/s");
  BOOST_TEST(list->at(1).mounts.empty());
}

BOOST_AUTO_TEST_CASE(an_event_of_any_length_is_passed_over) {
  const std::string id(64, 'c');
  const std::string event = R"({"Type":"container","Action":"start","Actor":{"ID":"abc"},"timeNano":7})";
  const std::string body = event + "\n" + R"({"Actor":{"ID":")" + id + R"(","Attributes":{"l":")" + std::string(3 << 20, 'x') +
                           "\"}}}\n" + event + "\n";
  FakeEngine fake(answer(body + body));
  test::LogCapture log;
  int count = 0;
  const auto r = fake.engine().events({}, [&](const EngineEvent& e) { return e.id == "abc" && ++count > 0; }, {});
  BOOST_TEST((r.error().cls == ErrorClass::engine_unreachable));  // it ended
  BOOST_TEST(count == 4);
  BOOST_REQUIRE(log.lines().size() == 1u);
  BOOST_TEST(log.lines()[0] ==
             "WARN: [Agent] Events of container 'cccccccccccc' are passed over: its labels make them longer than 1 MiB");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_one_container_is_no_reason_to_pass_over_the_others) {
  const Engine engine = FakeEngine(answer("[]")).engine();
  const auto of = [](ErrorClass cls) { return make_error(cls, "Failed to inspect container 'x'", "why"); };
  test::LogCapture log;
  for (const auto cls : {ErrorClass::engine_unreachable, ErrorClass::interrupted, ErrorClass::timeout})
    BOOST_TEST(!engine.passes_over(of(cls)));
  BOOST_TEST(engine.passes_over(of(ErrorClass::not_found)));
  BOOST_TEST(log.lines().empty());
  for (int i = 0; i < 3; ++i) BOOST_TEST(engine.passes_over(of(ErrorClass::engine_error)));
  BOOST_TEST(log.lines().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_removal_that_is_under_way_is_no_error) {
  FakeEngine busy(answer(R"({"message":"removal of container abc is already in progress"})", "409 Conflict"));
  BOOST_TEST(busy.engine().remove("abc", true, soon()).has_value());
  BOOST_TEST(busy.seen.back() == "DELETE /v1.41/containers/abc?force=1 HTTP/1.1");
  FakeEngine running(answer(R"({"message":"You cannot remove a running container"})", "409 Conflict"));
  BOOST_TEST(running.engine().remove("abc", false, soon()).error().store_code == "409");
}

BOOST_AUTO_TEST_CASE(an_exec_that_still_runs_is_waited_for) {
  std::atomic<int> looks{0};
  FakeEngine fake([&](const std::string& line) -> std::string {
    if (line.find("/_ping") != std::string::npos) return kPing;
    if (line.find("/containers/abc/exec") != std::string::npos) return answer(R"({"Id":"e1"})", "201 Created");
    if (line.find("/exec/e1/start") != std::string::npos) return answer("its output");
    return answer(++looks < 3 ? R"({"Running":true,"ExitCode":null})" : R"({"Running":false,"ExitCode":6})");
  });
  BOOST_TEST(fake.engine().exec("abc", {"x"}, soon()).value() == 6);
  BOOST_TEST(looks == 3);
  looks = -1'000'000;
  BOOST_TEST((fake.engine().exec("abc", {"x"}, Deadline::in(100ms)).error().cls == ErrorClass::timeout));
}

#ifdef DSO_CRASH_POINTS
BOOST_AUTO_TEST_CASE(a_change_is_a_crash_point_before_and_after) {
  const test::TempFolder folder;
  const std::string trace = folder.file("trace");
  // A process reads its orders once: the test above in one of its own.
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = "DSO_CRASH_TRACE=" + trace + " " + self +
                              " --run_test=engine_answers/a_removal_that_is_under_way_is_no_error >/dev/null 2>&1";
  BOOST_REQUIRE(std::system(command.c_str()) == 0);
  std::ifstream file(trace);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  BOOST_REQUIRE(lines.size() == 4u);
  BOOST_TEST(lines[0] == "1 engine: remove container 'abc'");
  BOOST_TEST(lines[1] == "2 engine: remove container 'abc' done");
}
#endif

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
