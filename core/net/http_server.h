// A small HTTP/1.1 server on a unix socket or a TCP port: blocking, a bounded set of connection threads, limits on header, body
// and time.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/http_client.h"

namespace dso {

struct PeerCredentials {
  int pid = 0;
  unsigned uid = 0, gid = 0;
  /// The process that connected, for as long as it lives; its pid can be another's once this one has ended. Null: not to be had.
  std::shared_ptr<const UniqueFd> process;
};
struct ServerRequest {
  std::string method, target;
  HttpHeaders headers;
  SecretBuffer body;
  PeerCredentials peer;
  std::stop_token stop;
  /// The handler's own, for as long as the connection lasts: what it found out about the peer, say. Never null in a handler.
  std::shared_ptr<void>* kept = nullptr;
};
struct ServerResponse {
  int status = 200;
  std::string content_type = "application/json";
  SecretBuffer body;
  std::shared_ptr<const SecretBuffer> shared_body;  ///< Set: in place of `body`, for an answer that many get.
  /// Set: the body is what this function writes piece by piece (chunked) until it returns. `write` false: the peer left.
  std::function<void(const std::function<bool(std::string_view)>& write)> stream;
};

class HttpServer {
 public:
  /// Whose connections count together when places are given away (logic/fair_places.h).
  struct Asker {
    std::string name;         ///< For the log too: "uid 1000".
    bool root = false;        ///< The host's.
    bool may_change = false;  ///< Asked again when `who_changed` says another number.
  };
  struct Limits {
    int max_connections = 64;  ///< So many have a place: are read, answered, waited for.
    int kept_for_root = 0;     ///< Of these.
    int share = 0;             ///< So many of them at most for one asker; 0: all.
    int max_waiting = 128;     ///< So many more may have said nothing yet, or wait for a place; fewer with few descriptors.
    /// Called on the accepting thread: must be quick, and ask nobody who may take his time. Null: by user id.
    std::function<Asker(const PeerCredentials&)> who;
    std::function<std::uint64_t()> who_changed;
    std::size_t max_body = 1024 * 1024;
    /// Of bodies that answers of this server have for themselves, all of those that are being sent; over that an answer is 503.
    /// Those that many share (`shared_body`) are sent from where they are and do not count.
    std::size_t max_answer_bytes = 16UL * 1024 * 1024;
    std::chrono::milliseconds read_timeout{5000};
    std::string name = "a socket";  ///< For the log: "the plugin socket".
  };
  using Handler = std::function<ServerResponse(const ServerRequest&)>;
  /// Binds `socket_path` (a stale socket file is replaced, a live one is an error) with `mode`, and serves on own threads.
  static Result<std::unique_ptr<HttpServer>> listen_unix(const std::string& socket_path, unsigned mode, Handler handler,
                                                         const Limits& limits);
  /// The same on a unix socket that listens already, and that another made and removes.
  static std::unique_ptr<HttpServer> serve_unix(UniqueFd listening, Handler handler, const Limits& limits);
  /// The same on a TCP port (address as in tcp_listener.h), for what anybody may read. A request's `peer` says nothing there.
  static Result<std::unique_ptr<HttpServer>> listen_tcp(const std::string& address, Handler handler, const Limits& limits);
  virtual ~HttpServer() = default;  ///< Stops accepting, ends connections, joins, removes the socket.
};

}  // namespace dso
