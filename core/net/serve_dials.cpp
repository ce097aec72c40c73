// The dialer's side: a thread for each request, which ends with its answer.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <semaphore>
#include <string>
#include <thread>

#include "base/log.h"
#include "net/dialer.h"
#include "net/net_error.h"
#include "net/tcp_socket.h"
#include "net/wait_ready.h"

namespace dso {
namespace {

/// More than an agent asks at once; each may wait for a host that says nothing.
constexpr int kPlaces = 256;
constexpr std::chrono::seconds kRequestDeadline{5};
/// With no descriptors or threads left, accept fails at once and again.
constexpr std::chrono::milliseconds kExhaustedPause{100};
constexpr int kFirstPassedFd = 3;  // sd_listen_fds(3)

bool may_ask(int fd) {
  ucred who{};
  socklen_t size = sizeof who;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && (who.uid == 0 || who.uid == geteuid());
}

Result<UniqueFd> open_what(const DialRequest& r, const std::stop_token& s) {
  if (r.kind == DialRequest::Kind::listen) return open_tcp_port(r.host);
  return open_tcp(r.host, r.port, Deadline::in(r.patience), s);
}

void answer(int client, const std::string& text, int fd) {
  iovec part{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) char beside[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = beside;
    message.msg_controllen = sizeof beside;
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(c), &fd, sizeof fd);
  }
  // who does not wait any more needs no answer
  static_cast<void>(sendmsg(client, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void serve_one(int client, const std::stop_token& s) {
  if (!may_ask(client)) return;
  if (wait_ready(client, POLLIN, Deadline::in(kRequestDeadline), s, "No request").has_error()) return;
  char text[kDialPacket];
  const ssize_t n = recv(client, text, sizeof text, 0);
  if (n <= 0) return;
  const auto request = read_dial_request({text, static_cast<std::size_t>(n)});
  if (!request) return;
  auto opened = open_what(*request, s);
  if (opened.has_error()) return answer(client, write_dial_failure(opened.error()), -1);
  answer(client, write_dial_success(), opened->get());
}

using Places = std::counting_semaphore<kPlaces>;

bool serve_on_a_thread(UniqueFd& client, Places& places, const std::stop_token& s) {
  try {
    std::thread([c = std::move(client), &places, s]() mutable {
      serve_one(c.get(), s);
      c.reset();
      places.release();
    }).detach();
    return true;
  } catch (const std::system_error& e) {
    log::error("Dialer", "No thread for a request: " + e.code().message());
    return false;
  }
}

}  // namespace

void serve_dials(int listener, std::stop_token s) {
  Places places(kPlaces);
  const Deadline never = Deadline::never();
  while (wait_ready(listener, POLLIN, never, s, "No request").has_value()) {
    if (!places.try_acquire_for(kExhaustedPause)) continue;
    UniqueFd client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client && serve_on_a_thread(client, places, s)) continue;
    places.release();
    static_cast<void>(wait_pause(kExhaustedPause, never, s, "No request"));
  }
  for (int i = 0; i < kPlaces; ++i) places.acquire();  // each ends soon: it has the stop token
}

int dialer_main() {
  const char *count = std::getenv("LISTEN_FDS"), *pid = std::getenv("LISTEN_PID");
  if (!count || !pid || std::strcmp(count, "1") != 0 || pid != std::to_string(getpid())) {
    std::fputs("dso dialer is started by systemd, with its socket: systemctl start dso-dialer.socket\n", stderr);
    return 2;
  }
  serve_dials(kFirstPassedFd, {});
  return 0;
}

}  // namespace dso
