// Requests from another network namespace, without a tool of that namespace: a thread that moves there and makes the socket.
#pragma once
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

#include "base/digest.h"
#include "base/unique_fd.h"
#include "docker/real_container.h"

namespace dso::test {

/// A socket of `type`, connected to ip:port within the namespace (the file's path; "": this one); none if that failed.
inline UniqueFd connect_from(const std::string& name_space, const std::string& ip, std::uint16_t port, int type = SOCK_STREAM) {
  UniqueFd fd;
  std::thread([&] {
    if (!name_space.empty()) {
      const UniqueFd ns(open(name_space.c_str(), O_RDONLY | O_CLOEXEC));
      if (!ns || setns(ns.get(), CLONE_NEWNET) != 0) return;
    }
    const bool v6 = ip.find(':') != std::string::npos;
    sockaddr_in6 a6{};
    sockaddr_in a4{};
    a4.sin_family = AF_INET, a4.sin_port = htons(port);
    a6.sin6_family = AF_INET6, a6.sin6_port = htons(port);
    inet_pton(v6 ? AF_INET6 : AF_INET, ip.c_str(), v6 ? static_cast<void*>(&a6.sin6_addr) : static_cast<void*>(&a4.sin_addr));
    UniqueFd made(socket(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0));
    const timeval limit{3, 0};
    setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const sockaddr* to = v6 ? reinterpret_cast<const sockaddr*>(&a6) : reinterpret_cast<const sockaddr*>(&a4);
    if (connect(made.get(), to, v6 ? sizeof a6 : sizeof a4) == 0) fd = std::move(made);
  }).join();
  return fd;
}

/// The first word of the answer's body: which container it was; "" if there was no answer.
inline std::string ask(const UniqueFd& fd) {
  const std::string_view request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  char in[2048];
  std::string text;
  if (!fd || send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
  for (std::size_t body = std::string::npos; body == std::string::npos || text.find('\n', body + 4) == std::string::npos;) {
    const ssize_t n = recv(fd.get(), in, sizeof in, 0);
    if (n <= 0) return {};
    text.append(in, static_cast<std::size_t>(n));
    body = text.find("\r\n\r\n");
  }
  const std::size_t body = text.find("\r\n\r\n") + 4;
  return text.substr(body, text.find(' ', body) - body);
}

inline std::string who(const std::string& name_space, const std::string& ip, std::uint16_t port) {
  return ask(connect_from(name_space, ip, port));
}

/// Of a server that answers each datagram with its name.
inline std::string ask_udp(const UniqueFd& fd) {
  char in[64];
  if (!fd || send(fd.get(), "?", 1, MSG_NOSIGNAL) < 0) return {};
  const ssize_t n = recv(fd.get(), in, sizeof in, 0);
  return std::string(in, n > 0 ? static_cast<std::size_t>(n) : 0);
}

inline std::string who_udp(const std::string& name_space, const std::string& ip, std::uint16_t port) {
  return ask_udp(connect_from(name_space, ip, port, SOCK_DGRAM));
}

/// A network namespace linked to the host, as another machine would be.
class OtherHost {
 public:
  OtherHost() : name_("dsou" + random_hex(4)), net_("10.231." + std::to_string(std::stoul(random_hex(1), nullptr, 16))) {
    const std::string out =
        shell("( ip netns add " + name_ + " && ip link add " + name_ + " type veth peer name p0 netns " + name_ +
              " && ip addr add " + host() + "/24 dev " + name_ + " && ip addr add fd5d::1/64 nodad dev " + name_ +
              " && ip link set " + name_ + " up && ip -n " + name_ + " addr add " + net_ + ".2/24 dev p0 && ip -n " + name_ +
              " addr add fd5d::2/64 nodad dev p0 && ip -n " + name_ + " link set p0 up && ip -n " + name_ +
              " route add default via " + host() + " && ip -n " + name_ + " -6 route add default via fd5d::1 ) 2>&1");
    BOOST_REQUIRE_MESSAGE(out.empty(), out);
  }
  ~OtherHost() { shell("ip link del " + name_ + "; ip netns del " + name_); }
  OtherHost(const OtherHost&) = delete;
  OtherHost& operator=(const OtherHost&) = delete;
  std::string ns() const { return "/run/netns/" + name_; }
  std::string host() const { return net_ + ".1"; }
  std::string host6() const { return "fd5d::1"; }

 private:
  std::string name_, net_;
};

class RealNetwork {
 public:
  explicit RealNetwork(const std::string& options = "") : name("dso-unit-" + random_hex(6)) {
    id = shell("docker network create " + options + " " + name + " 2>&1");
    BOOST_REQUIRE_MESSAGE(id.size() == 64, id);
  }
  ~RealNetwork() { shell("docker network rm " + name); }
  RealNetwork(const RealNetwork&) = delete;
  RealNetwork& operator=(const RealNetwork&) = delete;
  const std::string name;
  std::string id;
};

}  // namespace dso::test
