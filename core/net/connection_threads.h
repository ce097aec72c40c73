// Accepts connections and runs each on a thread of its own, up to a limit; further ones wait in the socket's queue. Tells a
// connection's code to stop when the peer is gone or the server ends. Knows no HTTP.
#pragma once
#include <functional>
#include <list>
#include <memory>
#include <stop_token>
#include <thread>

#include "net/byte_stream.h"
#include "net/http_server.h"
#include "net/unix_listener.h"

namespace dso {

class ConnectionThreads {
 public:
  /// Called on the connection's thread; the connection ends when it returns. Must not throw.
  using Serve = std::function<void(ByteStream&, const PeerCredentials&, std::stop_token)>;
  ConnectionThreads(UnixListener listener, int max_connections, Serve serve);
  /// Stops accepting, asks the connections to stop, waits for them, removes the socket.
  ~ConnectionThreads();
  ConnectionThreads(const ConnectionThreads&) = delete;
  ConnectionThreads& operator=(const ConnectionThreads&) = delete;

 private:
  struct Connection;
  void run(std::stop_token stop);
  void accept_one();
  void reap();
  void start(UniqueFd fd);

  UnixListener listener_;
  const std::size_t max_connections_;
  const Serve serve_;
  UniqueFd wake_;                      // an eventfd: a connection ended, or the server does
  std::list<Connection> connections_;  // the accepting thread's own
  std::jthread acceptor_;              // last: it uses the others
};

}  // namespace dso
