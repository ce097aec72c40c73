// By way of a proxy: what is asked of it, what follows its answer, and what it may answer otherwise.
#include <boost/test/unit_test.hpp>

#include "local_server.h"
#include "net/byte_stream.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(connect_proxy_)

namespace {

const Deadline kSoon = Deadline::in(std::chrono::seconds(20));

/// A proxy that answers so, and keeps what it was asked.
struct Proxy {
  std::string asked;
  test::LocalServer server;
  explicit Proxy(std::string answer)
      : server(
            [this, answer = std::move(answer)](int fd, int) {
              asked = test::read_request(fd);
              test::send_text(fd, answer);
              char byte = 0;
              while (recv(fd, &byte, 1, 0) > 0) {
              }
            },
            test::LocalServer::Kind::tcp) {}
  std::string url(const std::string& user = {}) const { return "http://" + user + "127.0.0.1:" + server.port(); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_follows_is_the_hosts) {
  Proxy proxy("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nfrom the host");
  const auto stream = connect_through(proxy.url("me:hunter2@"), "store.example", "443", kSoon, {});
  BOOST_REQUIRE(stream.has_value());
  char text[13];
  std::string got;
  while (got.size() < sizeof text) {
    const auto n = (*stream)->read_some({text, sizeof text - got.size()}, kSoon, {});
    BOOST_REQUIRE((n.has_value() && *n > 0));
    got.append(text, *n);
  }
  BOOST_TEST(got == "from the host");
  BOOST_TEST(proxy.asked.starts_with("CONNECT store.example:443 HTTP/1.1\r\nHost: store.example:443\r\n"));
  BOOST_TEST(proxy.asked.find("Proxy-Authorization: Basic bWU6aHVudGVyMg==\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_it_may_answer_otherwise) {
  Proxy denies("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), other("SSH-2.0\r\n\r\n"), silent("");
  const auto denied = connect_through(denies.url("me:hunter2@"), "store.example", "443", kSoon, {});
  BOOST_REQUIRE(denied.has_error());
  BOOST_TEST(denied.error().what == "Failed to connect to store.example:443");
  BOOST_TEST(denied.error().cause == "the proxy 127.0.0.1:" + denies.server.port() + " answers 407");
  BOOST_TEST(denied.error().next.find("hunter2") == std::string::npos);
  BOOST_TEST((connect_through(other.url(), "store.example", "443", kSoon, {}).error().cls == ErrorClass::network));
  BOOST_TEST((connect_through(silent.url(), "a", "1", Deadline::in(std::chrono::milliseconds(100)), {}).error().cls ==
              ErrorClass::timeout));
  const auto unlike = connect_through("https://me:hunter2@proxy:1", "a", "443", kSoon, {});
  BOOST_TEST((unlike.error().cls == ErrorClass::unsupported && unlike.error().cause == "the proxy proxy:1 is not http://"));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_not_there_is_named) {
  const auto none = connect_through("http://127.0.0.1:1", "store.example", "443", kSoon, {});
  BOOST_TEST(none.error().what == "Failed to connect to store.example:443");
  BOOST_TEST(none.error().cause == "the proxy 127.0.0.1:1: Connection refused");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
