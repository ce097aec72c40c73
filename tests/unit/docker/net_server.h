// A server in a container's network namespace, run by a thread of the test: answers with its name, by datagram or as HTTP.
#pragma once
#include <poll.h>

#include <atomic>

#include "docker/net_client.h"

namespace dso::test {

class NamedServer {
 public:
  /// Both families, or IPv6 alone beside an IPv4 server on the same port.
  NamedServer(const std::string& name_space, std::uint16_t port, int type, std::string name, bool v6_only = false)
      : name_(std::move(name)) {
    std::thread([&] {
      const UniqueFd ns(open(name_space.c_str(), O_RDONLY | O_CLOEXEC));
      if (!ns || setns(ns.get(), CLONE_NEWNET) != 0) return;
      UniqueFd fd(socket(AF_INET6, type | SOCK_CLOEXEC, 0));
      sockaddr_in6 any{};
      any.sin6_family = AF_INET6, any.sin6_port = htons(port);
      const int only = v6_only;
      setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
      if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) return;
      if (type == SOCK_STREAM && listen(fd.get(), 64) != 0) return;
      socket_ = std::move(fd);
    }).join();
    BOOST_REQUIRE(socket_);
    thread_ = std::thread([this, type] { serve(type); });
  }
  ~NamedServer() {
    stop_ = true;
    thread_.join();
  }
  int received() const { return received_; }
  NamedServer(const NamedServer&) = delete;
  NamedServer& operator=(const NamedServer&) = delete;

 private:
  void serve(int type) {
    while (!stop_) {
      pollfd p{socket_.get(), POLLIN, 0};
      if (poll(&p, 1, 20) <= 0) continue;
      ++received_;
      char in[2048];
      if (type == SOCK_DGRAM) {
        sockaddr_in6 from{};
        socklen_t size = sizeof from;
        if (recvfrom(socket_.get(), in, sizeof in, 0, reinterpret_cast<sockaddr*>(&from), &size) > 0)
          sendto(socket_.get(), name_.data(), name_.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&from), size);
        continue;
      }
      const UniqueFd client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      const std::string answer = "HTTP/1.1 200 OK\r\n\r\n" + name_ + " 0\n";
      if (client && recv(client.get(), in, sizeof in, 0) > 0) send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  std::string name_;
  UniqueFd socket_;
  std::atomic<bool> stop_{false};
  std::atomic<int> received_{0};
  std::thread thread_;
};

}  // namespace dso::test
