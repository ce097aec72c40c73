// recv and send on a non-blocking socket; waits only when the socket has nothing to give or take.
#include "net/socket_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "net/net_error.h"
#include "net/wait_ready.h"

namespace dso {
namespace {

class SocketStream final : public ByteStream {
 public:
  SocketStream(UniqueFd fd, std::string peer) : fd_(std::move(fd)), peer_(std::move(peer)) {}

  Result<std::size_t> read_some(std::span<char> into, const Deadline& d, std::stop_token s) override {
    const std::string what = "No answer from " + peer_;
    for (;;) {
      // checked before every read: a peer that always has one more byte may not outlast the deadline
      DSO_CHECK(check_time(d, s, what));
      const ssize_t n = recv(fd_.get(), into.data(), into.size(), 0);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        DSO_CHECK(wait_ready(fd_.get(), POLLIN, d, s, what));
      } else if (errno != EINTR) {
        return make_error(ErrorClass::network, "Lost the connection to " + peer_, errno_text(errno));
      }
    }
  }

  Result<void> write_all(std::string_view bytes, const Deadline& d, std::stop_token s) override {
    return write_both(bytes, {}, d, std::move(s));
  }

  Result<void> write_both(std::string_view first, std::string_view second, const Deadline& d, std::stop_token s) override {
    const std::string what = "Failed to send to " + peer_;
    while (!first.empty() || !second.empty()) {
      DSO_CHECK(check_time(d, s, what));
      iovec pieces[2] = {{const_cast<char*>(first.data()), first.size()}, {const_cast<char*>(second.data()), second.size()}};
      msghdr message{};
      message.msg_iov = first.empty() ? pieces + 1 : pieces;
      message.msg_iovlen = first.empty() || second.empty() ? 1 : 2;
      const ssize_t n = sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
      if (n >= 0) {
        const std::size_t of_first = std::min(first.size(), static_cast<std::size_t>(n));
        first.remove_prefix(of_first);
        second.remove_prefix(static_cast<std::size_t>(n) - of_first);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        DSO_CHECK(wait_ready(fd_.get(), POLLOUT, d, s, what));
      } else if (errno != EINTR) {
        return make_error(ErrorClass::network, what, errno_text(errno));
      }
    }
    return {};
  }

  bool idle_and_open() override {
    char byte;
    return recv(fd_.get(), &byte, 1, MSG_PEEK) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  UniqueFd fd_;
  std::string peer_;
};

}  // namespace

std::unique_ptr<ByteStream> make_socket_stream(UniqueFd fd, std::string peer) {
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
  return std::make_unique<SocketStream>(std::move(fd), std::move(peer));
}

std::unique_ptr<ByteStream> adopt_socket(UniqueFd fd) {
  return make_socket_stream(std::move(fd), "the client");
}

Result<void> connect_socket(int fd, const void* address, unsigned length, const Deadline& d, const std::stop_token& s,
                            const std::string& what, int* error_number) {
  int error = 0;
  if (connect(fd, static_cast<const sockaddr*>(address), length) != 0) error = errno;
  if (error == EINPROGRESS || error == EINTR) {
    DSO_CHECK(wait_ready(fd, POLLOUT, d, s, what));
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  }
  if (error_number) *error_number = error;
  if (error != 0) return make_error(ErrorClass::network, what, errno_text(error));
  return {};
}

}  // namespace dso
