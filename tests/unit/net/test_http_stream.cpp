// Endless answers: read piece by piece until told to end, and a regular end told from a broken one.
#include "net/http_client.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/local_server.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(http_stream)

namespace {

using namespace std::chrono_literals;
using test::answer;
using test::LocalServer;
using test::read_request;
using test::send_text;
using Clock = std::chrono::steady_clock;

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

}  // namespace

BOOST_AUTO_TEST_CASE(streams_until_told_to_end) {
  LocalServer server([](int fd, int) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (send_text(fd, "2\r\nab\r\n")) usleep(1000);
  });
  std::string got;
  auto r = HttpClient(nullptr).stream(get(server.url("/")),
                                      [&](int status, std::string_view piece) {
                                        BOOST_TEST(status == 200);
                                        got += piece;
                                        return got.size() < 10;
                                      },
                                      {});
  BOOST_REQUIRE(r.has_value());
  BOOST_TEST(*r == 200);
  BOOST_TEST(got.substr(0, 10) == "ababababab");
}

BOOST_AUTO_TEST_CASE(a_stream_tells_a_regular_end_from_a_broken_one_and_stops) {
  LocalServer ends([](int fd, int) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno!");
  });
  auto r = HttpClient(nullptr).stream(get(ends.url("/")), [](int, std::string_view) { return true; }, {});
  BOOST_TEST(r.value() == 404);
  LocalServer breaks([](int fd, int) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
  });
  BOOST_TEST((HttpClient(nullptr).stream(get(breaks.url("/")), [](int, std::string_view) { return true; }, {}).error().cls ==
              ErrorClass::network));
  LocalServer quiet([](int fd, int) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
    read_request(fd);
  });
  std::stop_source stop;
  std::thread stopper;
  r = HttpClient(nullptr).stream(
      get(quiet.url("/")),
      [&](int, std::string_view) {
        stopper = std::thread([&] { stop.request_stop(); });
        return true;
      },
      stop.get_token());
  stopper.join();
  BOOST_TEST((r.error().cls == ErrorClass::interrupted));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
