// Accepts connections and runs each on a thread of its own, up to a limit; over that, one that waits for its client makes room,
// else new ones wait in the socket's queue. Tells a connection's code to stop when the peer is gone or the server ends. Knows no
// HTTP.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "net/byte_stream.h"
#include "net/http_server.h"
#include "net/listener.h"

namespace dso {

/// A connection's right to stay: what works for its client is never ended for another.
class ConnectionPlace {
 public:
  using Clock = std::chrono::steady_clock;
  /// False: the place was given to another; nothing may begin any more.
  bool begin_work() { return change(State::idle, State::working); }
  void end_work() {
    idle_since_ = Clock::now();
    change(State::working, State::idle);
  }
  /// False: it works, or its client has not had `grace` to say something.
  bool give_up(Clock::duration grace) {
    return Clock::now() - idle_since_.load() >= grace && change(State::idle, State::given_up);
  }

 private:
  enum class State { idle, working, given_up };
  bool change(State from, State to) { return state_.compare_exchange_strong(from, to); }
  std::atomic<State> state_{State::idle};
  std::atomic<Clock::time_point> idle_since_{Clock::now()};
};

class ConnectionThreads {
 public:
  /// Called on the connection's thread; the connection ends when it returns. Must not throw.
  using Serve = std::function<void(ByteStream&, const PeerCredentials&, std::stop_token, ConnectionPlace&)>;
  /// `name` is for the log.
  ConnectionThreads(std::unique_ptr<Listener> listener, int max_connections, std::string name, Serve serve);
  /// Stops accepting, asks the connections to stop, waits for them, removes the socket.
  ~ConnectionThreads();
  ConnectionThreads(const ConnectionThreads&) = delete;
  ConnectionThreads& operator=(const ConnectionThreads&) = delete;

 private:
  struct Connection;
  void run(std::stop_token stop);
  bool full() const { return connections_.size() >= max_connections_; }
  void make_room();
  void accept_one();
  void reap();
  void start(UniqueFd fd);

  const std::unique_ptr<Listener> listener_;
  const std::size_t max_connections_;
  const std::string name_;
  const Serve serve_;
  UniqueFd wake_;                                      // an eventfd: a connection ended, or the server does
  std::list<Connection> connections_;                  // the accepting thread's own
  std::chrono::steady_clock::time_point tell_next_{};  // that all places are taken
  std::jthread acceptor_;                              // last: it uses the others
};

}  // namespace dso
