// Connects to a host and port over TCP: each address of the name in turn, or by the dialer.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "net/dialer.h"
#include "net/net_error.h"
#include "net/resolve.h"
#include "net/socket_stream.h"
#include "net/tcp_socket.h"

namespace dso {
namespace {

/// An address that never answers may not eat the time of those after it.
Deadline share_of(const Deadline& whole, int addresses_left) {
  if (addresses_left <= 1) return whole;
  return whole.capped(std::min<Deadline::Clock::duration>(whole.left() / addresses_left, std::chrono::seconds(10)));
}

Result<UniqueFd> try_address(const addrinfo& a, const Deadline& d, const std::stop_token& s, const std::string& what) {
  UniqueFd fd(socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a.ai_protocol));
  if (!fd) return make_error(ErrorClass::network, what, errno_text(errno));
  DSO_CHECK(connect_socket(fd.get(), a.ai_addr, a.ai_addrlen, d, s, what));
  const int on = 1;  // a request is one write: waiting for more to send only delays it
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return fd;
}

}  // namespace

std::string peer_name(const std::string& host, const std::string& port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

Result<UniqueFd> open_tcp(const std::string& host, const std::string& port, const Deadline& d, std::stop_token s) {
  const std::string what = "Failed to connect to " + peer_name(host, port);
  DSO_TRY(const AddressList addresses, resolve(host, port, d, s));
  int left = 0;
  for (const addrinfo* a = addresses.get(); a; a = a->ai_next) ++left;
  Error last = make_error(ErrorClass::network, what, "the name has no address");
  for (const addrinfo* a = addresses.get(); a; a = a->ai_next, --left) {
    auto fd = try_address(*a, share_of(d, left), s, what);
    if (fd.has_value()) return fd;
    last = std::move(fd).error();
    if (last.cls == ErrorClass::interrupted || d.passed()) break;
  }
  return last;
}

Result<std::unique_ptr<ByteStream>> connect_tcp(const std::string& host, const std::string& port, const Deadline& d,
                                                std::stop_token s) {
  DSO_TRY(UniqueFd fd,
          has_dialer() ? ask_dialer({DialRequest::Kind::connect, host, port, {}}, d, s) : open_tcp(host, port, d, s));
  return make_socket_stream(std::move(fd), peer_name(host, port));
}

}  // namespace dso
