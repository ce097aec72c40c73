// poll(2), then a non-blocking send or receive; EINTR is tried again.
#include "provider/frame_channel.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

namespace dso::ipc {

struct StopEvent::Callback {
  struct Wake {
    int fd;
    void operator()() const noexcept {
      const std::uint64_t one = 1;
      [[maybe_unused]] const ssize_t n = write(fd, &one, sizeof one);
    }
  };
  Callback(std::stop_token stop, int fd) : callback(std::move(stop), Wake{fd}) {}
  std::stop_callback<Wake> callback;
};

StopEvent::StopEvent(std::stop_token stop) {
  if (!stop.stop_possible()) return;
  fd_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (fd_) callback_ = std::make_unique<Callback>(std::move(stop), fd_.get());
}
StopEvent::~StopEvent() = default;

Io FrameChannel::wait(short events, const Deadline& deadline, int stop_fd) const {
  for (;;) {
    pollfd fds[2] = {{socket_.get(), events, 0}, {stop_fd, POLLIN, 0}};
    const int n = poll(fds, 2, static_cast<int>(deadline.left().count()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Io::closed;
    if (n == 0) {
      if (deadline.passed()) return Io::timeout;
      continue;
    }
    if (fds[1].revents) return Io::stopped;
    return Io::ok;
  }
}

bool FrameChannel::readable() const {
  pollfd p{socket_.get(), POLLIN, 0};
  return poll(&p, 1, 0) > 0;
}

Io FrameChannel::send(FrameType type, std::string_view payload, const Deadline& deadline, int stop_fd) {
  if (payload.size() > kMaxPayload) return Io::garbage;
  char header[kHeaderBytes];
  write_header({static_cast<std::uint32_t>(payload.size()), type}, header);
  return write_parts({header, sizeof header}, payload, deadline, stop_fd);
}

Io FrameChannel::send_whole(std::string_view frames, const Deadline& deadline) {
  return write_parts(frames, {}, deadline, -1);
}

bool add_frame(SecretBuffer& frames, FrameType type, std::string_view payload) {
  if (payload.size() > kMaxPayload) return false;
  char header[kHeaderBytes];
  write_header({static_cast<std::uint32_t>(payload.size()), type}, header);
  append(frames, {header, sizeof header});
  append(frames, payload);
  return true;
}

Io FrameChannel::write_parts(std::string_view first, std::string_view second, const Deadline& deadline, int stop_fd) {
  std::string_view parts[2] = {first, second};
  while (!parts[0].empty() || !parts[1].empty()) {
    iovec iov[2];
    for (int i = 0; i < 2; ++i) iov[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
    msghdr message{};
    message.msg_iov = iov;
    message.msg_iovlen = 2;
    const ssize_t n = sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return Io::closed;
      if (const Io io = wait(POLLOUT, deadline, stop_fd); io != Io::ok) return io;
      continue;
    }
    std::size_t sent = static_cast<std::size_t>(n);
    for (auto& part : parts) {
      const std::size_t from_part = std::min(sent, part.size());
      part.remove_prefix(from_part);
      sent -= from_part;
    }
  }
  return Io::ok;
}

Io FrameChannel::read_exact(char* into, std::size_t size, const Deadline& deadline, int stop_fd) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = recv(socket_.get(), into + got, size - got, MSG_DONTWAIT);
    if (n > 0) {
      got += static_cast<std::size_t>(n);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return got ? Io::truncated : Io::closed;
    if (const Io io = wait(POLLIN, deadline, got ? -1 : stop_fd); io != Io::ok) return io;
  }
  return Io::ok;
}

Io FrameChannel::receive(FrameType& type, SecretBuffer& payload, const Deadline& deadline, int stop_fd) {
  char bytes[kHeaderBytes];
  if (const Io io = read_exact(bytes, sizeof bytes, deadline, stop_fd); io != Io::ok) return io;
  const auto header = read_header({bytes, sizeof bytes});
  if (!header) return Io::garbage;
  type = header->type;
  payload.clear();
  payload.resize(header->size);
  const Io io = read_exact(payload.data(), payload.size(), deadline, -1);
  return io == Io::closed ? Io::truncated : io;
}

}  // namespace dso::ipc
