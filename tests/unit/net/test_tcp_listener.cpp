// The server on a TCP port: answers there, says who has the port where it is taken.
#include "net/tcp_listener.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

#include "net/http_client.h"
#include "net/http_server.h"

namespace dso {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(tcp_listener)

namespace {

std::string address_of(const Listener& listener) {
  sockaddr_in a{};
  socklen_t size = sizeof a;
  getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&a), &size);
  return "127.0.0.1:" + std::to_string(ntohs(a.sin_port));
}

}  // namespace

BOOST_AUTO_TEST_CASE(serves_http) {
  std::string address;
  {
    auto any = listen_tcp("127.0.0.1:0");
    BOOST_REQUIRE(any.has_value());
    address = address_of(**any);
  }
  const auto handler = [](const ServerRequest& request) {
    ServerResponse r;
    append(r.body, request.target + (request.peer.pid == 0 && !request.peer.process ? " of nobody" : " of a process"));
    return r;
  };
  auto server = HttpServer::listen_tcp(address, handler, {});
  BOOST_REQUIRE_MESSAGE(server.has_value(), (server.has_error() ? render(server.error()) : ""));
  HttpClient client(nullptr);
  HttpRequest request;
  request.url = "http://" + address + "/x";
  auto answer = client.send(request, Deadline::in(20s));
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST((view(answer->body) == "/x of nobody"));
}

BOOST_AUTO_TEST_CASE(a_port_that_is_taken_is_named) {
  auto first = listen_tcp("127.0.0.1:0");
  BOOST_REQUIRE(first.has_value());
  const std::string address = address_of(**first);
  auto second = listen_tcp(address);
  BOOST_REQUIRE(second.has_error());
  BOOST_TEST(render(second.error()).find("Failed to listen on " + address + ": ") == 0u);
  BOOST_TEST((second.error().cls == ErrorClass::io));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
