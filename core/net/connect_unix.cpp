// Connects to a unix socket by path.
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "net/net_error.h"
#include "net/socket_stream.h"
#include "net/wait_ready.h"

namespace dso {

Result<UniqueFd> open_unix(const std::string& path, int type, const Deadline& d, const std::stop_token& s) {
  const std::string what = "Failed to connect to " + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return make_error(ErrorClass::network, what, "the path of a unix socket has 1 to 107 characters", "Use a shorter path.");
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return make_error(ErrorClass::network, what, errno_text(errno));
  for (;;) {
    DSO_CHECK(check_time(d, s, what));
    int error = 0;
    auto connected = connect_socket(fd.get(), &address, sizeof address, d, s, what, &error);
    if (connected.has_value()) return fd;
    if (error != EAGAIN) return std::move(connected).error();
    // The server's queue is full; for a unix socket poll() cannot tell when there is room again.
    DSO_CHECK(wait_pause(std::chrono::milliseconds(10), d, s, what));
  }
}

Result<std::unique_ptr<ByteStream>> connect_unix(const std::string& path, const Deadline& d, std::stop_token s) {
  DSO_TRY(UniqueFd fd, open_unix(path, SOCK_STREAM, d, s));
  return make_socket_stream(std::move(fd), path);
}

}  // namespace dso
