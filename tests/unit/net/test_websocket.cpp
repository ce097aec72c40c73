// A listener's WebSocket: frames as a server sends them, whole and in pieces, and a real connection.
#include <boost/test/unit_test.hpp>

#include <sys/socket.h>

#include <optional>
#include <thread>

#include "local_server.h"
#include "net/websocket.h"

using namespace dso;
using namespace dso::test;
using namespace std::chrono_literals;
BOOST_AUTO_TEST_SUITE(net_websocket)

using Kind = FrameReader::Event::Kind;

namespace {

std::string frame(int first, std::string_view payload) {
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  }
  return out.append(payload);
}

/// What the bytes mean, given one by one.
std::string events(std::string_view bytes) {
  FrameReader reader;
  std::string out;
  for (const char c : bytes) {
    reader.feed({&c, 1});
    while (const auto e = reader.next())
      out += e->kind == Kind::message ? "m" : e->kind == Kind::ping ? "p(" + e->payload + ")" : e->kind == Kind::pong ? "o" : "c";
  }
  return out + (reader.broken() ? "!" : "");
}

}  // namespace

BOOST_AUTO_TEST_CASE(messages_and_control_frames) {
  BOOST_TEST(events(frame(0x81, "hello")) == "m");
  BOOST_TEST(events(frame(0x82, "") + frame(0x81, std::string(700, 'x'))) == "mm");
  // in pieces, a ping between them
  BOOST_TEST(events(frame(0x01, "a") + frame(0x89, "hi") + frame(0x00, "b") + frame(0x80, "c")) == "p(hi)m");
  BOOST_TEST(events(frame(0x8a, "") + frame(0x88, "\x03\xe8")) == "oc");
}

BOOST_AUTO_TEST_CASE(what_no_server_may_send) {
  BOOST_TEST(events(std::string("\x81\x85mask", 6)) == "!");       // masked
  BOOST_TEST(events(frame(0xc1, "x")) == "!");                     // compressed, which nobody agreed on
  BOOST_TEST(events(frame(0x83, "x")) == "!");                     // an opcode that there is not
  BOOST_TEST(events(frame(0x80, "x")) == "!");                     // the rest of nothing
  BOOST_TEST(events(frame(0x01, "x") + frame(0x81, "y")) == "!");  // a message within a message
  BOOST_TEST(events(frame(0x09, "x")) == "!");                     // half a ping
  BOOST_TEST(events(frame(0x89, std::string(126, 'x'))) == "!");   // a long one
}

BOOST_AUTO_TEST_CASE(a_long_message_takes_no_memory) {
  FrameReader reader;
  std::string head{'\x81', '\x7f', 0, 0, 0, 0, 4, 0, 0, 0};  // 64 MiB
  reader.feed(head);
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 64; ++i) {
    BOOST_REQUIRE(!reader.next());
    reader.feed(piece);
  }
  BOOST_TEST((reader.next()->kind == Kind::message));
}

BOOST_AUTO_TEST_CASE(the_handshakes_answer_and_a_clients_frame) {
  BOOST_TEST(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455
  BOOST_TEST(control_frame(10, "Hello", 0x37fa213d) == "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

BOOST_AUTO_TEST_CASE(a_connection_hears_messages_until_its_end) {
  std::string pong, asked;
  std::optional<LocalServer> server;
  server.emplace(
      [&](int fd, int) {
        asked = read_request(fd);
        const std::size_t at = asked.find("Sec-WebSocket-Key: ") + 19;
        const std::string key = asked.substr(at, asked.find("\r\n", at) - at);
        send_text(fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                          websocket_accept(key) + "\r\n\r\n" + frame(0x81, "with the head"));
        send_text(fd, frame(0x89, "hi") + frame(0x81, "another"));
        char piece[64];
        const ssize_t n = recv(fd, piece, sizeof piece, 0);
        pong.assign(piece, n > 0 ? static_cast<std::size_t>(n) : 0);
        send_text(fd, frame(0x88, ""));
      },
      LocalServer::Kind::tcp);
  HttpRequest request;
  request.url = server->url("/events?json=true");
  request.headers = {{"X-Vault-Token", "t0ken"}};
  auto socket = WebSocket::connect(request, nullptr, Deadline::in(20s), {});
  BOOST_REQUIRE(socket.has_value());
  BOOST_TEST((*socket)->next_message({}).has_value());
  BOOST_TEST((*socket)->next_message({}).has_value());
  const auto end = (*socket)->next_message({});
  BOOST_REQUIRE(end.has_error());
  BOOST_TEST(end.error().cause == "it closed the connection");
  socket->reset();
  server.reset();
  BOOST_TEST(asked.starts_with("GET /events?json=true HTTP/1.1\r\n"));
  BOOST_TEST(asked.find("X-Vault-Token: t0ken\r\n") != std::string::npos);
  BOOST_TEST(pong.size() == 8u);  // head, mask, two characters
}

BOOST_AUTO_TEST_CASE(a_refusal_is_its_status_and_a_stop_ends_the_wait) {
  LocalServer server(
      [](int fd, int nth) {
        const std::string asked = read_request(fd);
        if (nth == 0) send_text(fd, answer("", "403 Forbidden"));
        if (nth == 1) send_text(fd, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: nonsense\r\n\r\n");
        if (nth == 2) {
          const std::size_t at = asked.find("Sec-WebSocket-Key: ") + 19;
          send_text(fd, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: " +
                            websocket_accept(asked.substr(at, asked.find("\r\n", at) - at)) + "\r\n\r\n");
          char none;
          recv(fd, &none, 1, 0);
        }
      },
      LocalServer::Kind::tcp);
  HttpRequest request;
  request.url = server.url("/");
  const auto refused = WebSocket::connect(request, nullptr, Deadline::in(20s), {});
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().cls == ErrorClass::access_denied));
  BOOST_TEST(refused.error().store_code == "403");
  const auto no_socket = WebSocket::connect(request, nullptr, Deadline::in(20s), {});
  BOOST_REQUIRE(no_socket.has_error());
  BOOST_TEST((no_socket.error().cls == ErrorClass::malformed));
  auto socket = WebSocket::connect(request, nullptr, Deadline::in(20s), {});
  BOOST_REQUIRE(socket.has_value());
  std::stop_source stop;
  std::jthread later([&] { stop.request_stop(); });
  BOOST_TEST(((*socket)->next_message(stop.get_token()).error().cls == ErrorClass::interrupted));
  request.headers = {{"x", "a\r\nb: c"}};
  BOOST_TEST((WebSocket::connect(request, nullptr, Deadline::in(20s), {}).error().cls == ErrorClass::invalid_request));
}

BOOST_AUTO_TEST_SUITE_END()
