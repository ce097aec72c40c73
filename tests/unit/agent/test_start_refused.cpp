// Refused containers against a fake engine, a few lines of HTTP here: started once their scope is there, and not for ever.
#include "agent/start_refused.h"

#include <boost/test/unit_test.hpp>
#include <memory>

#include "delivery/store_fixture.h"
#include "net/local_server.h"

namespace {

using namespace dso;
using namespace std::chrono_literals;

/// One stopped container of the scope "web" that the engine could not start for want of it.
struct RefusingEngine : test::StoreFixture {
  std::mutex mutex;
  std::string policy = "always", start_answer = "204 No Content";
  int inspected = 0, started = 0;
  std::unique_ptr<test::LocalServer> server = std::make_unique<test::LocalServer>([this](int fd, int) { serve(fd); });
  Engine engine = Engine::at(server->socket_path());
  RefusedStarts starts{engine, store};

  void serve(int fd) {
    for (std::string request; !(request = test::read_request(fd)).empty();)
      if (!test::send_text(fd, answer_to(request))) return;
  }
  std::string answer_to(const std::string& request) {
    const std::lock_guard lock(mutex);
    const std::string mounts = R"("Mounts":[{"Type":"bind","Source":")" + store.paths().secrets_dir() + R"(/web/files"}])";
    if (request.find("/_ping") != std::string::npos) return "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";
    if (request.starts_with("POST")) {
      ++started;
      return test::answer(start_answer.starts_with("2") ? "" : R"({"message":"no"})", start_answer);
    }
    if (request.find("/containers/json") != std::string::npos)
      return test::answer(R"([{"Id":"c1","Names":["/api"],"State":"exited",)" + mounts + "}]");
    ++inspected;
    return test::answer(R"({"Id":"c1","Name":"/api",)" + mounts + R"(,"HostConfig":{"RestartPolicy":{"Name":")" + policy +
                        R"("}},"State":{"Status":"exited","Error":"error mounting \")" + store.paths().secrets_dir() +
                        R"(/web/files\": no such file or directory"}})");
  }
  bool pass() {
    const auto done = starts.start(20s, {});
    BOOST_REQUIRE_MESSAGE(done.has_value(), (done.has_error() ? render(done.error()) : ""));
    return *done;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(start_refused, RefusingEngine)

BOOST_AUTO_TEST_CASE(once_its_secrets_are_there) {
  BOOST_TEST(pass());  // not yet: nothing for this pass to do
  BOOST_TEST(started == 0);
  write("web", "d", {{"/run/secrets/a", "1"}});
  BOOST_TEST(pass());
  BOOST_TEST(started == 1);
}

BOOST_AUTO_TEST_CASE(not_against_its_policy) {
  write("web", "d", {{"/run/secrets/a", "1"}});
  policy = "no";
  BOOST_TEST(pass());
  BOOST_TEST(inspected == 1);
  BOOST_TEST(started == 0);
}

BOOST_AUTO_TEST_CASE(one_that_does_not_start_is_not_hammered) {
  write("web", "d", {{"/run/secrets/a", "1"}});
  start_answer = "500 Internal Server Error";
  BOOST_TEST(!pass());
  for (int i = 0; i < 20; ++i) BOOST_TEST(!pass());
  BOOST_TEST(started == 1);
}

BOOST_AUTO_TEST_CASE(one_that_vanished_is_done) {
  write("web", "d", {{"/run/secrets/a", "1"}});
  start_answer = "404 Not Found";
  BOOST_TEST(pass());
}

BOOST_AUTO_TEST_CASE(an_engine_that_is_away_is_an_error_and_no_wait) {
  server.reset();
  const auto before = std::chrono::steady_clock::now();
  BOOST_TEST((starts.start(20s, {}).error().cls == ErrorClass::engine_unreachable));
  BOOST_TEST((std::chrono::steady_clock::now() - before < 10s));
}

BOOST_AUTO_TEST_SUITE_END()
