// One poll(2) loop for the listening socket, the ends of connections and their peers' hang-ups.
#include "net/connection_threads.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <vector>

#include "base/log.h"
#include "net/net_error.h"

namespace dso {
namespace {

/// With no descriptors or threads left, accept fails at once and again; this is the pause between.
constexpr int kExhaustedPauseMs = 100;
/// What a client gets to say its first word, or its next one, before its place may go to another.
constexpr std::chrono::milliseconds kGrace{100};
/// How long a newcomer waits until it is looked again whether a connection fell idle: nothing tells us.
constexpr int kLookAgainMs = 20;

/// Linux 6.5; the system's headers may be older.
constexpr int kSoPeerPidfd = 77;

/// The kernel's own word for the process that connected. Before Linux 6.5 by its pid, at once, which leaves the moment between
/// connecting and being accepted.
std::shared_ptr<const UniqueFd> process_of(int fd, int pid) {
  int process = -1;
  socklen_t size = sizeof process;
  if (getsockopt(fd, SOL_SOCKET, kSoPeerPidfd, &process, &size) != 0)
    process = pid > 0 && errno == ENOPROTOOPT ? static_cast<int>(syscall(SYS_pidfd_open, pid, 0)) : -1;
  return process < 0 ? nullptr : std::make_shared<const UniqueFd>(process);
}

/// The client has said something, and it is we who have not listened yet.
bool has_unread(int fd) {
  char byte;
  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

PeerCredentials peer_of(int fd) {
  ucred cred{};
  socklen_t size = sizeof cred;
  PeerCredentials peer;
  // Without credentials the peer must not look like root.
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) != 0) return {0, ~0u, ~0u, nullptr};
  peer.pid = cred.pid;
  peer.uid = cred.uid;
  peer.gid = cred.gid;
  peer.process = process_of(fd, peer.pid);
  return peer;
}

}  // namespace

/// `fd` stays open until the connection is reaped, so that polling it never meets a stranger's descriptor.
struct ConnectionThreads::Connection {
  int fd = -1;
  std::unique_ptr<ByteStream> stream;
  std::stop_source stop;
  bool hung_up = false, ended = false;  ///< `ended`: to make room.
  ConnectionPlace place;
  std::atomic<bool> done{false};
  std::jthread thread;
};

ConnectionThreads::ConnectionThreads(std::unique_ptr<Listener> listener, int max_connections, std::string name, Serve serve)
    : listener_(std::move(listener)),
      max_connections_(static_cast<std::size_t>(std::max(max_connections, 1))),
      name_(std::move(name)),
      serve_(std::move(serve)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      acceptor_([this](std::stop_token stop) { run(stop); }) {}

ConnectionThreads::~ConnectionThreads() {
  acceptor_.request_stop();
  eventfd_write(wake_.get(), 1);
  acceptor_.join();
  for (Connection& c : connections_) c.stop.request_stop();
  connections_.clear();  // joins
}

void ConnectionThreads::run(std::stop_token stop) {
  std::vector<pollfd> fds;
  std::vector<Connection*> polled;
  bool waits_for_room = false;  // somebody asks to be let in, and every place is taken
  while (!stop.stop_requested()) {
    fds.assign({{wake_.get(), POLLIN, 0}, {waits_for_room ? -1 : listener_->fd(), POLLIN, 0}});
    polled.clear();
    for (Connection& c : connections_)
      if (!c.hung_up && !c.done) {
        fds.push_back({c.fd, 0, 0});  // POLLHUP alone: a peer that only ended its sending still wants the answer
        polled.push_back(&c);
      }
    if (poll(fds.data(), fds.size(), waits_for_room ? kLookAgainMs : -1) < 0) continue;
    if (fds[0].revents) {
      eventfd_t ignored;
      eventfd_read(wake_.get(), &ignored);
    }
    for (std::size_t i = 0; i < polled.size(); ++i)
      if (fds[i + 2].revents) {
        polled[i]->hung_up = true;
        polled[i]->stop.request_stop();
      }
    reap();
    waits_for_room = waits_for_room || (fds[1].revents && full());
    if (waits_for_room && full()) {
      make_room();
    } else {
      if (fds[1].revents) accept_one();
      waits_for_room = false;
    }
  }
}

/// The oldest whose client is not being answered; none while one is on its way out already, or where all are.
void ConnectionThreads::make_room() {
  if (const auto now = std::chrono::steady_clock::now(); now >= tell_next_) {
    tell_next_ = now + std::chrono::minutes(1);
    log::warn("Agent", "All " + std::to_string(max_connections_) + " connections of " + name_ +
                           " are taken: one that says nothing ends for each new one; not told again for a minute");
  }
  for (Connection& c : connections_)
    if (c.ended || c.done || c.hung_up) return;
  for (Connection& c : connections_) {
    if (has_unread(c.fd) || !c.place.give_up(kGrace)) continue;
    c.ended = true;
    c.stop.request_stop();
    return;
  }
}

void ConnectionThreads::accept_one() {
  UniqueFd fd(accept4(listener_->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (fd) return start(std::move(fd));
  if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) poll(nullptr, 0, kExhaustedPauseMs);
}

void ConnectionThreads::start(UniqueFd fd) {
  Connection& c = connections_.emplace_back();
  c.fd = fd.get();
  const PeerCredentials peer = peer_of(c.fd);
  c.stream = adopt_socket(std::move(fd));
  try {
    c.thread = std::jthread([this, &c, peer] {
      serve_(*c.stream, peer, c.stop.get_token(), c.place);
      shutdown(c.fd, SHUT_RDWR);  // the peer sees the end now, the descriptor is closed when reaped
      c.done = true;
      eventfd_write(wake_.get(), 1);
    });
  } catch (const std::system_error& e) {
    log::error("Agent", "No thread for a connection: " + e.code().message());
    connections_.pop_back();
    poll(nullptr, 0, kExhaustedPauseMs);
  }
}

void ConnectionThreads::reap() {
  connections_.remove_if([](const Connection& c) { return c.done.load(); });
}

}  // namespace dso
