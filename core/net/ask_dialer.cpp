// One packet there, one back with a descriptor beside it (SCM_RIGHTS).
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/dialer.h"
#include "net/net_error.h"
#include "net/socket_stream.h"
#include "net/tcp_socket.h"
#include "net/wait_ready.h"

namespace dso {
namespace {

std::string& socket_of_dialer() {
  static std::string path;
  return path;
}

std::string what_of(const DialRequest& r) {
  if (r.kind == DialRequest::Kind::listen) return "Failed to listen on " + r.host;
  return "Failed to connect to " + peer_name(r.host, r.port);
}

Error no_dialer(const std::string& what, const std::string& cause) {
  return make_error(ErrorClass::network, what, "the dialer at " + socket_of_dialer() + ": " + cause,
                    "Look at it: systemctl status dso-dialer.socket dso-dialer.");
}

Result<UniqueFd> reach_dialer(const std::string& what, const Deadline& d, const std::stop_token& s) {
  auto dialer = open_unix(socket_of_dialer(), SOCK_SEQPACKET, d, s);
  if (dialer.has_value()) return dialer;
  Error e = std::move(dialer).error();
  if (e.cls == ErrorClass::network) return no_dialer(what, e.cause);
  e.what = what;
  return e;
}

struct Packet {
  std::string text;
  UniqueFd fd;
};

/// Empty text: the other side ended.
Result<Packet> receive(int socket, const std::string& what) {
  char text[kDialPacket];
  alignas(cmsghdr) char beside[CMSG_SPACE(sizeof(int))];
  iovec part{text, sizeof text};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = beside;
  message.msg_controllen = sizeof beside;
  const ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (n < 0) return no_dialer(what, errno_text(errno));
  Packet packet{std::string(text, static_cast<std::size_t>(n)), {}};
  const cmsghdr* c = CMSG_FIRSTHDR(&message);
  if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int))) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
    packet.fd = UniqueFd(fd);
  }
  return packet;
}

}  // namespace

void dial_through(std::string socket) {
  socket_of_dialer() = std::move(socket);
}

bool has_dialer() {
  return !socket_of_dialer().empty();
}

Result<UniqueFd> ask_dialer(DialRequest request, const Deadline& d, std::stop_token s) {
  const std::string what = what_of(request);
  request.patience = d.left();
  const std::string asked = write_dial_request(request);
  if (asked.empty()) return make_error(ErrorClass::network, what, "no host has such a name", "Correct the address.");
  DSO_TRY(UniqueFd dialer, reach_dialer(what, d, s));
  if (send(dialer.get(), asked.data(), asked.size(), MSG_NOSIGNAL) < 0) return no_dialer(what, errno_text(errno));
  DSO_CHECK(wait_ready(dialer.get(), POLLIN, d, s, what));
  DSO_TRY(Packet answer, receive(dialer.get(), what));
  if (answer.text.empty()) return no_dialer(what, "it ended before it answered");
  if (auto refused = read_dial_answer(answer.text)) return std::move(*refused);
  if (!answer.fd) return no_dialer(what, "it passed no connection; this process may have no descriptor left");
  return std::move(answer.fd);
}

}  // namespace dso
