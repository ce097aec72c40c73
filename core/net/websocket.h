// A WebSocket client that only listens: it learns that a message came, not what it says. Beast's own keeps the request, and the
// token in it, in memory that nobody wipes, and wants an executor.
#pragma once
#include <memory>
#include <stop_token>

#include "base/deadline.h"
#include "base/result.h"
#include "net/byte_stream.h"
#include "net/http_client.h"
#include "net/websocket_frames.h"

namespace dso {

/// One thread.
class WebSocket {
 public:
  /// `request`: its http or https URL and headers. An answer other than 101 is an error with the status as store code:
  /// AccessDenied for 401 and 403, NotFound for 404, else Unavailable.
  static Result<std::unique_ptr<WebSocket>> connect(const HttpRequest& request, const TlsContext* tls, const Deadline& d,
                                                    std::stop_token s);
  /// Until a whole message came. Network: the peer ended, or was silent for 90 s although it was pinged.
  Result<void> next_message(std::stop_token s);

 private:
  WebSocket(std::unique_ptr<ByteStream> stream, std::string peer) : stream_(std::move(stream)), peer_(std::move(peer)) {}
  Result<void> say(int opcode, std::string_view payload, std::stop_token s);

  std::unique_ptr<ByteStream> stream_;
  std::string peer_;
  FrameReader reader_;
};

}  // namespace dso
