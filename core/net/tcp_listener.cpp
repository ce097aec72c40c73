// getaddrinfo, bind, listen: the first address that works; or the dialer's.
#include "net/tcp_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/unique_fd.h"
#include "net/dialer.h"
#include "net/net_error.h"
#include "net/resolve.h"
#include "net/tcp_socket.h"

namespace dso {
namespace {

constexpr int kTcpBacklog = 64;
constexpr std::chrono::seconds kResolveDeadline{5};

class TcpListener final : public Listener {
 public:
  explicit TcpListener(UniqueFd fd) : fd_(std::move(fd)) {}
  int fd() const override { return fd_.get(); }

 private:
  UniqueFd fd_;
};

Error tcp_listen_error(const std::string& address, std::string cause) {
  return make_error(ErrorClass::io, "Failed to listen on " + address, std::move(cause), "Choose another address.");
}

/// Invalid: `errno` says why.
UniqueFd bound(const addrinfo& a) {
  UniqueFd fd(socket(a.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1, off = 0;
  if (!fd) return fd;
  // a port whose last connections the kernel still remembers is free for the next agent
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (a.ai_family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(fd.get(), a.ai_addr, a.ai_addrlen) != 0 || listen(fd.get(), kTcpBacklog) != 0) return {};
  return fd;
}

}  // namespace

Result<UniqueFd> open_tcp_port(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return tcp_listen_error(address, "it has no port");
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const bool everywhere = host.empty();
  auto found = resolve(everywhere ? "::" : host, address.substr(colon + 1), Deadline::in(kResolveDeadline), {});
  int why = 0;
  if (found.has_value())
    for (const addrinfo* a = found->get(); a; a = a->ai_next) {
      if (UniqueFd fd = bound(*a)) return fd;
      why = errno;
    }
  if (everywhere && why != EADDRINUSE) return open_tcp_port("0.0.0.0" + address);  // a kernel without IPv6
  if (found.has_error()) return tcp_listen_error(address, found.error().cause);
  return tcp_listen_error(address, errno_text(why));
}

Result<std::unique_ptr<Listener>> listen_tcp(const std::string& address) {
  constexpr auto kListen = DialRequest::Kind::listen;
  DSO_TRY(UniqueFd fd,
          has_dialer() ? ask_dialer({kListen, address, {}, {}}, Deadline::in(kResolveDeadline), {}) : open_tcp_port(address));
  return std::unique_ptr<Listener>(new TcpListener(std::move(fd)));
}

}  // namespace dso
