// Accepts connections at once, whoever comes, and runs those that have sent a request each on a thread of its own, up to a limit:
// who gets a place and who ends for it is logic/fair_places'. Tells a connection's code to stop when the peer is gone, its place
// is another's or the server ends. Knows no HTTP.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "logic/fair_places.h"
#include "net/asker_numbers.h"
#include "net/byte_stream.h"
#include "net/connection_place.h"
#include "net/http_server.h"
#include "net/listener.h"

namespace dso {

class ConnectionThreads {
 public:
  /// Called on the connection's thread; the connection ends when it returns. Must not throw.
  using Serve = std::function<void(ByteStream&, const PeerCredentials&, std::stop_token, ConnectionPlace&)>;
  /// `limits` must outlive this object.
  ConnectionThreads(std::unique_ptr<Listener> listener, const HttpServer::Limits& limits, Serve serve);
  /// Stops accepting, asks the connections to stop, waits for them, removes the socket.
  ~ConnectionThreads();
  ConnectionThreads(const ConnectionThreads&) = delete;
  ConnectionThreads& operator=(const ConnectionThreads&) = delete;

 private:
  struct Connection;
  void run(std::stop_token stop);
  void handle(Connection& c, std::uint32_t events);
  void accept_some();
  void admit(UniqueFd fd);
  void ask_again_who();
  void give_places_away();
  bool take(const FairStep& step, std::vector<Visitor>& visitors, std::vector<Connection*>& connections);
  bool start(Connection& c);
  void tell_that_it_is_full(int asker);
  void reap();

  const std::unique_ptr<Listener> listener_;
  const HttpServer::Limits& limits_;
  const Serve serve_;
  FairLimits fair_;
  UniqueFd wake_;   // an eventfd: a connection ended, or the server does
  UniqueFd epoll_;  // with wake_, every connection, each by its own address; and with the listening socket, by that of this
  // What follows is the accepting thread's own.
  std::list<Connection> connections_;  // in the order in which they came
  AskerNumbers askers_;
  std::uint64_t who_changed_ = 0;
  std::optional<Visitor::Time> look_again_;
  std::chrono::steady_clock::time_point tell_next_{};  // that somebody had to leave
  std::jthread acceptor_;                              // last: it uses the others
};

}  // namespace dso
