// A host with several addresses: one that says nothing costs a quarter of a second, one that refuses nothing.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <list>

#include "net/tcp_socket.h"

namespace dso {
BOOST_AUTO_TEST_SUITE(connect_tcp_)

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Listens on a port of its own; `silent`: its queue is full, so that it answers nobody any more.
struct Place {
  UniqueFd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  std::list<UniqueFd> queue;
  explicit Place(bool silent) {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(bind(fd.get(), as_address(), sizeof address) == 0);
    socklen_t size = sizeof address;
    BOOST_REQUIRE(getsockname(fd.get(), as_address(), &size) == 0);
    BOOST_REQUIRE(listen(fd.get(), silent ? 0 : 8) == 0);
    for (int i = 0; silent && i < 4; ++i) {
      queue.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      (void)connect(queue.back().get(), as_address(), sizeof address);
    }
  }
  sockaddr* as_address() { return reinterpret_cast<sockaddr*>(&address); }
};

addrinfo info(Place& place, addrinfo* next) {
  addrinfo out{};
  out.ai_family = AF_INET;
  out.ai_socktype = SOCK_STREAM;
  out.ai_addr = place.as_address();
  out.ai_addrlen = sizeof place.address;
  out.ai_next = next;
  return out;
}

in_port_t peer_of(const UniqueFd& fd) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  getpeername(fd.get(), reinterpret_cast<sockaddr*>(&peer), &size);
  return peer.sin_port;
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_that_says_nothing_costs_a_quarter_of_a_second) {
  Place good(false), silent(true), silent2(true);
  addrinfo third = info(good, nullptr), second = info(silent2, &third), first = info(silent, &second);
  const auto start = Clock::now();
  const auto fd = connect_any(&first, Deadline::in(20s), {}, "Failed");
  const auto took = Clock::now() - start;
  BOOST_REQUIRE(fd.has_value());
  BOOST_TEST(peer_of(*fd) == good.address.sin_port);
  BOOST_TEST((took >= 500ms && took < 5s));
}

BOOST_AUTO_TEST_CASE(one_that_refuses_costs_nothing) {
  Place good(false), closed(false);
  closed.fd.reset();
  addrinfo second = info(good, nullptr), first = info(closed, &second);
  const auto start = Clock::now();
  const auto fd = connect_any(&first, Deadline::in(20s), {}, "Failed");
  BOOST_REQUIRE(fd.has_value());
  BOOST_TEST(peer_of(*fd) == good.address.sin_port);
  BOOST_TEST((Clock::now() - start < 200ms));
}

BOOST_AUTO_TEST_CASE(none) {
  Place silent(true), closed(false);
  closed.fd.reset();
  addrinfo alone = info(closed, nullptr);
  const auto refused = connect_any(&alone, Deadline::in(20s), {}, "Failed to connect");
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().cls == ErrorClass::network && refused.error().what == "Failed to connect"));
  BOOST_TEST(refused.error().cause == "Connection refused");
  addrinfo second = info(closed, nullptr), first = info(silent, &second);
  BOOST_TEST((connect_any(&first, Deadline::in(600ms), {}, "Failed").error().cls == ErrorClass::timeout));
  std::stop_source stop;
  stop.request_stop();
  BOOST_TEST((connect_any(&first, Deadline::in(20s), stop.get_token(), "Failed").error().cls == ErrorClass::interrupted));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace dso
