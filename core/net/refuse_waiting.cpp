// One after the other: they have been waiting, so that each has sent its request already.
#include "net/refuse_waiting.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>

#include "net/byte_stream.h"

namespace dso {
namespace {

constexpr std::chrono::milliseconds kOneRequest{500};

bool somebody_waits(int listening) {
  pollfd p{listening, POLLIN, 0};
  return poll(&p, 1, 0) > 0 && (p.revents & POLLIN) != 0;
}

/// A client that is answered before it has said all may take that for a broken connection, and come again.
bool has_asked(ByteStream& client, const Deadline& deadline) {
  std::string head;
  std::array<char, 4096> piece;
  while (head.find("\r\n\r\n") == std::string::npos && head.size() < 64 * 1024) {
    const auto n = client.read_some(piece, deadline, {});
    if (n.has_error() || *n == 0) return false;
    head.append(piece.data(), *n);
  }
  return true;
}

}  // namespace

void refuse_waiting(int listening, std::string_view body, const Deadline& deadline) {
  const std::string answer =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  while (!deadline.passed() && somebody_waits(listening)) {
    UniqueFd fd(accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) continue;
    const auto client = adopt_socket(std::move(fd));
    const Deadline one = deadline.capped(kOneRequest);
    if (has_asked(*client, one)) (void)client->write_all(answer, one, {});
  }
}

}  // namespace dso
