// A server for tests: accepts on a unix or TCP socket and runs a script for each connection, with blocking calls, on a thread
// of its own. Scripts end when the peer goes; the destructor ends them otherwise.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/temp_folder.h"

namespace dso::test {

inline bool send_text(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// Head and body (by Content-Length) of one request; empty at the peer's end.
inline std::string read_request(int fd) {
  std::string got;
  char piece[4096];
  for (;;) {
    const std::size_t end = got.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t at = got.find("Content-Length: ");
      const std::size_t length = at < end ? std::stoul(got.substr(at + 16)) : 0;
      if (got.size() >= end + 4 + length) return got;
    }
    const ssize_t n = recv(fd, piece, sizeof piece, 0);
    if (n <= 0) return {};
    got.append(piece, static_cast<std::size_t>(n));
  }
}

inline std::string answer(std::string_view body, std::string_view status = "200 OK") {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

class LocalServer {
 public:
  /// `nth` counts connections from 0.
  using Script = std::function<void(int fd, int nth)>;
  enum class Kind { unix_socket, tcp };

  explicit LocalServer(Script script, Kind kind = Kind::unix_socket) : script_(std::move(script)) {
    if (kind == Kind::unix_socket) {
      sockaddr_un a{};
      a.sun_family = AF_UNIX;
      std::strcpy(a.sun_path, socket_path().c_str());
      listen_on(AF_UNIX, &a, sizeof a);
    } else {
      sockaddr_in a{};
      a.sin_family = AF_INET;
      a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      listen_on(AF_INET, &a, sizeof a);
      socklen_t size = sizeof a;
      getsockname(listen_, reinterpret_cast<sockaddr*>(&a), &size);
      port_ = std::to_string(ntohs(a.sin_port));
    }
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~LocalServer() {
    shutdown(listen_, SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (const int fd : fds_) shutdown(fd, SHUT_RDWR);
    }
    for (auto& t : threads_) t.join();
    for (const int fd : fds_) close(fd);
    close(listen_);
  }
  std::string socket_path() const { return folder_.file("s"); }
  const std::string& port() const { return port_; }
  std::string url(const std::string& target) const {
    return port_.empty() ? "unix://" + socket_path() + ":" + target : "http://127.0.0.1:" + port_ + target;
  }
  int connections() const { return connections_; }

 private:
  void listen_on(int family, const void* address, unsigned size) {
    listen_ = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    BOOST_REQUIRE(bind(listen_, static_cast<const sockaddr*>(address), size) == 0);
    BOOST_REQUIRE(listen(listen_, 16) == 0);
  }
  void accept_all() {
    for (;;) {
      const int fd = accept4(listen_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const int nth = connections_++;
      std::lock_guard lock(mutex_);
      fds_.push_back(fd);
      threads_.emplace_back([this, fd, nth] {
        script_(fd, nth);
        shutdown(fd, SHUT_RDWR);
      });
    }
  }

  TempFolder folder_;
  Script script_;
  int listen_ = -1;
  std::string port_;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> fds_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace dso::test
