// A connection as blocking reads and writes with deadlines: unix, TCP and TLS. Non-blocking descriptors underneath, poll(2)
// with the deadline and a wake-up on stop. Errors: Network, Timeout, TlsError, Interrupted; never a library's raw what().
#pragma once
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace dso {

/// One thread at a time. Closes on destruction.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// At least one byte, or 0 at the peer's end.
  virtual Result<std::size_t> read_some(std::span<char> into, const Deadline& d, std::stop_token s) = 0;
  virtual Result<void> write_all(std::string_view bytes, const Deadline& d, std::stop_token s) = 0;
  /// One text behind the other, as one message where that is possible: neither is copied, so that many may be sent the same.
  virtual Result<void> write_both(std::string_view first, std::string_view second, const Deadline& d, std::stop_token s) {
    if (auto done = write_all(first, d, s); done.has_error()) return done;
    return write_all(second, d, s);
  }
  /// False: the peer closed or sent something unasked; do not reuse.
  virtual bool idle_and_open() = 0;
};

class TlsContext;  // tls_context.h

Result<std::unique_ptr<ByteStream>> connect_unix(const std::string& path, const Deadline& d, std::stop_token s);
/// Resolves and tries each address. `what` errors name host and port.
Result<std::unique_ptr<ByteStream>> connect_tcp(const std::string& host, const std::string& port, const Deadline& d,
                                                std::stop_token s);
/// By way of a proxy, "http://[user:password@]host:port"; empty: without one.
Result<std::unique_ptr<ByteStream>> connect_through(const std::string& proxy, const std::string& host, const std::string& port,
                                                    const Deadline& d, std::stop_token s);
/// TLS over `below`; verifies chain and host name (or IP). `host` without brackets.
Result<std::unique_ptr<ByteStream>> connect_tls(std::unique_ptr<ByteStream> below, const TlsContext& tls, const std::string& host,
                                                const Deadline& d, std::stop_token s);
/// Takes over an accepted socket.
std::unique_ptr<ByteStream> adopt_socket(UniqueFd fd);

}  // namespace dso
