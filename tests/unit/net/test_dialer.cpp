// A dialer over real sockets: what it opens can be used, what it cannot open reads as if nobody stood between, and its absence
// says what to look at.
#include "net/dialer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "net/byte_stream.h"
#include "net/tcp_listener.h"
#include "net/tcp_socket.h"

namespace dso {

using namespace std::chrono_literals;

namespace {

int port_of(int fd) {
  sockaddr_in a{};
  socklen_t size = sizeof a;
  getsockname(fd, reinterpret_cast<sockaddr*>(&a), &size);
  return ntohs(a.sin_port);
}

/// Listening, as systemd hands it over.
UniqueFd packet_socket(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  std::strncpy(a.sun_path, path.c_str(), sizeof a.sun_path - 1);
  BOOST_REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0);
  BOOST_REQUIRE(listen(fd.get(), 64) == 0);
  return fd;
}

struct WithDialer {
  const std::string folder = std::filesystem::temp_directory_path() / ("dso-dialer-" + std::to_string(getpid()));
  const std::string path = folder + "/s";
  UniqueFd listener;
  std::jthread dialer;
  WithDialer() {
    std::filesystem::create_directory(folder);
    listener = packet_socket(path);
    dialer = std::jthread([this](std::stop_token s) { serve_dials(listener.get(), s); });
    dial_through(path);
  }
  /// What it says to a packet; "" if it ends.
  std::string answer_to(const std::string& packet) const {
    UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    std::strncpy(a.sun_path, path.c_str(), sizeof a.sun_path - 1);
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0) return "no connection";
    send(fd.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
    char text[kDialPacket];
    const ssize_t n = recv(fd.get(), text, sizeof text, 0);
    return n < 0 ? "" : std::string(text, static_cast<std::size_t>(n));
  }
  ~WithDialer() {
    dial_through({});
    dialer.request_stop();
    if (dialer.joinable()) dialer.join();
    std::filesystem::remove_all(folder);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dialer_, WithDialer)

BOOST_AUTO_TEST_CASE(what_it_opens_can_be_spoken_over) {
  auto server = open_tcp_port("127.0.0.1:0");
  BOOST_REQUIRE(server.has_value());
  auto stream = connect_tcp("127.0.0.1", std::to_string(port_of(server->get())), Deadline::in(20s), {});
  BOOST_REQUIRE_MESSAGE(stream.has_value(), (stream.has_error() ? render(stream.error()) : ""));
  pollfd ready{server->get(), POLLIN, 0};
  BOOST_REQUIRE(poll(&ready, 1, 20000) == 1);
  auto other = adopt_socket(UniqueFd(accept4(server->get(), nullptr, nullptr, SOCK_CLOEXEC)));
  BOOST_REQUIRE((*stream)->write_all("hello", Deadline::in(20s), {}).has_value());
  char text[5];
  std::size_t got = 0;
  while (got < sizeof text) {
    auto n = other->read_some({text + got, sizeof text - got}, Deadline::in(20s), {});
    BOOST_REQUIRE((n.has_value() && *n > 0));
    got += *n;
  }
  BOOST_TEST(std::string(text, 5) == "hello");
}

BOOST_AUTO_TEST_CASE(a_port_it_opens_accepts_here) {
  auto port = listen_tcp("127.0.0.1:0");
  BOOST_REQUIRE_MESSAGE(port.has_value(), (port.has_error() ? render(port.error()) : ""));
  BOOST_TEST(connect_tcp("127.0.0.1", std::to_string(port_of((*port)->fd())), Deadline::in(20s), {}).has_value());
  auto taken = listen_tcp("127.0.0.1:" + std::to_string(port_of((*port)->fd())));
  BOOST_REQUIRE(taken.has_error());
  BOOST_TEST((taken.error().cls == ErrorClass::io));
}

BOOST_AUTO_TEST_CASE(what_it_cannot_open_reads_as_without_it) {
  std::string closed;
  {
    auto once = open_tcp_port("127.0.0.1:0");
    closed = std::to_string(port_of(once->get()));
  }
  for (const auto& [host, port] : {std::pair<std::string, std::string>{"127.0.0.1", closed}, {"no-such-host.invalid", "443"}}) {
    auto by_it = connect_tcp(host, port, Deadline::in(20s), {});
    auto by_us = open_tcp(host, port, Deadline::in(20s), {});
    BOOST_REQUIRE((by_it.has_error() && by_us.has_error()));
    BOOST_TEST(render(by_it.error()) == render(by_us.error()));
  }
}

BOOST_AUTO_TEST_CASE(many_at_once_are_all_answered) {
  auto server = open_tcp_port("127.0.0.1:0");
  const std::string port = std::to_string(port_of(server->get()));
  std::atomic<int> opened{0};
  {
    std::vector<std::jthread> asking;
    for (int i = 0; i < 60; ++i)
      asking.emplace_back([&] { opened += connect_tcp("127.0.0.1", port, Deadline::in(30s), {}).has_value(); });
  }
  BOOST_TEST(opened == 60);
}

BOOST_AUTO_TEST_CASE(a_stranger_gets_no_answer) {
  if (geteuid() != 0) return;  // only root can be somebody else
  BOOST_REQUIRE(chmod(folder.c_str(), 0755) == 0);
  BOOST_REQUIRE(chmod(path.c_str(), 0777) == 0);
  const std::string asked = write_dial_request({DialRequest::Kind::listen, "127.0.0.1:0", "", 1s});
  BOOST_TEST(answer_to(asked) == write_dial_success());
  std::string answer = "?";
  // of this thread alone: the system call changes no other
  std::jthread([&] { answer = syscall(SYS_setresuid, 65534, 65534, 65534) == 0 ? answer_to(asked) : "!"; }).join();
  BOOST_TEST(answer == "");
}

BOOST_AUTO_TEST_CASE(garbage_gets_no_answer_and_ends_nobody) {
  BOOST_TEST(answer_to("open sesame") == "");
  auto server = open_tcp_port("127.0.0.1:0");
  BOOST_TEST(connect_tcp("127.0.0.1", std::to_string(port_of(server->get())), Deadline::in(20s), {}).has_value());
}

BOOST_AUTO_TEST_CASE(a_dialer_that_is_not_there_is_named) {
  dial_through(folder + "/other");
  auto failed = connect_tcp("vault.example", "8200", Deadline::in(20s), {});
  BOOST_REQUIRE(failed.has_error());
  BOOST_TEST((failed.error().cls == ErrorClass::network));
  BOOST_TEST(render(failed.error()) ==
             "Failed to connect to vault.example:8200: Network: the dialer at " + folder +
                 "/other: No such file or directory. Look at it: systemctl status dso-dialer.socket dso-dialer.");
}

BOOST_AUTO_TEST_CASE(one_that_says_nothing_costs_the_deadline_only) {
  dialer.request_stop();
  dialer.join();
  auto late = connect_tcp("127.0.0.1", "1", Deadline::in(100ms), {});
  BOOST_REQUIRE(late.has_error());
  BOOST_TEST((late.error().cls == ErrorClass::timeout));
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  auto stopped = connect_tcp("127.0.0.1", "1", Deadline::in(60s), stop.get_token());
  BOOST_REQUIRE(stopped.has_error());
  BOOST_TEST((stopped.error().cls == ErrorClass::interrupted));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dso
