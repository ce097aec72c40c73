// Connects to a host and port over TCP: the addresses of the name side by side, or by the dialer.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "net/dialer.h"
#include "net/net_error.h"
#include "net/resolve.h"
#include "net/socket_stream.h"
#include "net/tcp_socket.h"
#include "net/wait_ready.h"

namespace dso {
namespace {

/// As curl and RFC 8305: an address that says nothing costs so much, and no more.
constexpr std::chrono::milliseconds kBesideAfter{250};

/// The families in turn, beginning with the resolver's first: the next one is worth more than another of the same.
std::vector<const addrinfo*> in_turn(const addrinfo* list) {
  std::vector<const addrinfo*> of_first, others, out;
  for (const addrinfo* a = list; a; a = a->ai_next) (a->ai_family == list->ai_family ? of_first : others).push_back(a);
  for (std::size_t i = 0; i < std::max(of_first.size(), others.size()); ++i) {
    if (i < of_first.size()) out.push_back(of_first[i]);
    if (i < others.size()) out.push_back(others[i]);
  }
  return out;
}

/// Connections on their way to several addresses of one host; the first that is there wins, the others are closed.
class Attempts {
 public:
  Attempts(std::vector<const addrinfo*> addresses, const std::string& what)
      : addresses_(std::move(addresses)),
        what_(what),
        ready_(epoll_create1(EPOLL_CLOEXEC)),
        failure_(make_error(ErrorClass::network, what, "the name has no address")) {}

  Result<UniqueFd> first(const Deadline& d, const std::stop_token& s) {
    Deadline beside = Deadline::in(std::chrono::milliseconds(0));
    for (;;) {
      while (next_ < addresses_.size() && (open_.empty() || beside.passed())) {
        if (UniqueFd done = begin(*addresses_[next_++])) return done;
        beside = Deadline::in(kBesideAfter);
      }
      if (open_.empty()) return std::move(failure_);
      const bool more = next_ < addresses_.size();
      const auto waited = wait_ready(ready_.get(), EPOLLIN, more ? d.capped(beside.left()) : d, s, what_);
      if (waited.has_error() && (waited.error().cls != ErrorClass::timeout || d.passed())) return waited.error();
      if (waited.has_value())
        if (UniqueFd done = take_ready()) return done;
    }
  }

 private:
  UniqueFd failed(int error_number) {
    failure_ = make_error(ErrorClass::network, what_, errno_text(error_number));
    return {};
  }

  /// Connected at once, or none: it is on its way, or has failed.
  UniqueFd begin(const addrinfo& a) {
    UniqueFd fd(socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a.ai_protocol));
    if (!fd) return failed(errno);
    const int on = 1;  // a request is one write: waiting for more to send only delays it
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    if (connect(fd.get(), a.ai_addr, a.ai_addrlen) == 0) return fd;
    if (errno != EINPROGRESS && errno != EINTR) return failed(errno);
    epoll_event event{};
    event.events = EPOLLOUT;
    event.data.fd = fd.get();
    if (epoll_ctl(ready_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) return failed(errno);
    open_.push_back(std::move(fd));
    return {};
  }

  UniqueFd take_ready() {
    epoll_event event{};
    if (epoll_wait(ready_.get(), &event, 1, 0) != 1) return {};
    const auto it = std::find_if(open_.begin(), open_.end(), [&](const UniqueFd& fd) { return fd.get() == event.data.fd; });
    if (it == open_.end()) return {};
    UniqueFd fd = std::move(*it);
    open_.erase(it);
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) return failed(error);
    epoll_ctl(ready_.get(), EPOLL_CTL_DEL, fd.get(), nullptr);
    return fd;
  }

  const std::vector<const addrinfo*> addresses_;
  const std::string& what_;
  const UniqueFd ready_;
  std::vector<UniqueFd> open_;
  std::size_t next_ = 0;
  Error failure_;  ///< Of the last that failed.
};

}  // namespace

std::string peer_name(const std::string& host, const std::string& port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

Result<UniqueFd> open_tcp(const std::string& host, const std::string& port, const Deadline& d, std::stop_token s) {
  const std::string what = "Failed to connect to " + peer_name(host, port);
  DSO_TRY(const AddressList addresses, resolve(host, port, d, s));
  return connect_any(addresses.get(), d, s, what);
}

Result<UniqueFd> connect_any(const addrinfo* addresses, const Deadline& d, std::stop_token s, const std::string& what) {
  return Attempts(in_turn(addresses), what).first(d, s);
}

Result<std::unique_ptr<ByteStream>> connect_tcp(const std::string& host, const std::string& port, const Deadline& d,
                                                std::stop_token s) {
  DSO_TRY(UniqueFd fd,
          has_dialer() ? ask_dialer({DialRequest::Kind::connect, host, port, {}}, d, s) : open_tcp(host, port, d, s));
  return make_socket_stream(std::move(fd), peer_name(host, port));
}

}  // namespace dso
