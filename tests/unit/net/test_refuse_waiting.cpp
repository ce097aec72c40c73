// A socket that somebody else listens on: served and left as it was, or only told why nobody serves.
#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <future>

#include "net/http_server_fixture.h"
#include "net/refuse_waiting.h"

namespace dso {

using namespace test;

namespace {

struct LentFixture : HttpServerFixture {
  UniqueFd listening{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  LentFixture() {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::strcpy(a.sun_path, path.c_str());
    BOOST_REQUIRE(bind(listening.get(), reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0);
    BOOST_REQUIRE(listen(listening.get(), 64) == 0);
  }
  std::unique_ptr<HttpServer> serve_lent() const {
    return HttpServer::serve_unix(UniqueFd(fcntl(listening.get(), F_DUPFD_CLOEXEC, 3)), echo, {});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lent_sockets, LentFixture)

BOOST_AUTO_TEST_CASE(who_asks_while_nobody_serves_is_answered_by_the_next) {
  for (int i = 0; i < 2; ++i) {
    auto answer = std::async(std::launch::async, [this] { return get("/early"); });  // before there is a server, as often as not
    const auto server = serve_lent();
    const auto got = answer.get();
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST((view(got->body) == "GET /early "));
  }
  BOOST_TEST(access(path.c_str(), F_OK) == 0);  // not ours to remove
}

BOOST_AUTO_TEST_CASE(all_who_wait_are_told_why_and_nobody_is_waited_for) {
  refuse_waiting(listening.get(), "{}", Deadline::in(20s));
  RawClient one(path), another(path), silent(path);
  BOOST_TEST(one.send("POST /VolumeDriver.Get HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"));
  BOOST_TEST(another.send("POST /Plugin.Activate HTTP/1.1\r\n\r\n"));
  refuse_waiting(listening.get(), R"({"Err":"no config"})", Deadline::in(20s));
  for (RawClient* client : {&one, &another}) {
    const std::string got = client->read();
    BOOST_TEST(got.starts_with("HTTP/1.1 503 "));
    BOOST_TEST(got.ends_with(R"(Content-Length: 19)"
                             "\r\n\r\n"
                             R"({"Err":"no config"})"));
  }
  BOOST_TEST(silent.read().empty());  // ended
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
