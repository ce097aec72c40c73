// One epoll(7) loop for the listening socket, the first words of connections, their ends and their peers' hang-ups.
#include "net/connection_threads.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "base/log.h"
#include "net/net_error.h"

namespace dso {
namespace {

/// With no descriptors or threads left, accept fails at once and again; this is the pause between.
constexpr int kExhaustedPauseMs = 100;
/// How long somebody who asks waits until it is looked again whether a connection fell idle: nothing tells us.
constexpr std::chrono::milliseconds kLookAgain{20};
/// Who waits for longer is told of: its asker has all that it may have.
constexpr std::chrono::seconds kLongWait{1};
/// So many are accepted before it is looked who gets a place: a burst of one asker is seen as one.
constexpr int kAcceptAtOnce = 16;
/// A connection has two descriptors (its own, its process's), and there are three sockets: what is left is the agent's own work.
constexpr std::size_t kDescriptorsPerVisitor = 10;

/// What the kernel keeps of answers that a client does not read: who asks without end and never reads is answered a few dozen
/// times, not hundreds, before its connection waits.
constexpr int kUnreadBytes = 32 * 1024;

/// Linux 6.5; the system's headers may be older.
constexpr int kSoPeerPidfd = 77;

/// The kernel's own word for the process that connected, whenever it is asked for. Before Linux 6.5 by its pid, at once, which
/// leaves the moment between connecting and being accepted; then it has to be kept.
std::shared_ptr<const UniqueFd> process_of(int fd, int pid, bool& to_be_kept) {
  int process = -1;
  socklen_t size = sizeof process;
  if (getsockopt(fd, SOL_SOCKET, kSoPeerPidfd, &process, &size) != 0) {
    to_be_kept = errno == ENOPROTOOPT;
    process = pid > 0 && to_be_kept ? static_cast<int>(syscall(SYS_pidfd_open, pid, 0)) : -1;
  }
  return process < 0 ? nullptr : std::make_shared<const UniqueFd>(process);
}

/// The head of a request has come whole, or more than is looked at here. A part of one needs nobody who waits for the rest.
bool has_asked(int fd) {
  std::array<char, 4096> seen;
  const ssize_t n = recv(fd, seen.data(), seen.size(), MSG_PEEK | MSG_DONTWAIT);
  if (n <= 0) return false;
  const std::string_view text(seen.data(), static_cast<std::size_t>(n));
  const bool whole = text.size() == seen.size() || text.find("\r\n\r\n") != std::string_view::npos;
  explicit_bzero(seen.data(), seen.size());
  return whole;
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
  bool to_be_kept = false;
  if (auto process = process_of(fd, peer.pid, to_be_kept); to_be_kept) peer.process = std::move(process);
  return peer;
}

HttpServer::Asker by_user(const PeerCredentials& peer) {
  return {peer.uid == ~0u ? "anybody" : "uid " + std::to_string(peer.uid), false, false};
}

FairLimits fair_limits(const HttpServer::Limits& limits) {
  const auto size = [](int n) { return static_cast<std::size_t>(std::max(n, 0)); };
  FairLimits out;
  out.places = std::max<std::size_t>(size(limits.max_connections), 1);
  out.kept = std::min(size(limits.kept_for_root), out.places - 1);
  out.share = limits.share > 0 ? std::min(size(limits.share), out.places) : out.places;
  rlimit files{};
  const std::size_t most = getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur / kDescriptorsPerVisitor : out.places;
  out.visitors = out.places + std::min(size(limits.max_waiting), most);
  out.silence = limits.read_timeout;
  return out;
}

void watch(int epoll, int how, int fd, std::uint32_t events, void* of) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = of;
  epoll_ctl(epoll, how, fd, &event);  // cannot fail but for memory: then the connection ends by its time limits
}

}  // namespace

/// `peer` has no process while it waits, if that can be had later: a descriptor less.
/// `fd` stays open until the connection is reaped, so that a late event never meets a stranger.
struct ConnectionThreads::Connection {
  int fd = -1;
  PeerCredentials peer;
  int asker = 0;
  bool root = false, may_change = false;  ///< As HttpServer::Asker.
  Visitor::Time came = std::chrono::steady_clock::now();
  bool spoken = false, ended = false, served = false;
  std::unique_ptr<ByteStream> stream;
  std::stop_source stop;
  ConnectionPlace place;
  std::atomic<bool> done{false};
  std::jthread thread;

  PeerCredentials whole_peer() const {
    PeerCredentials whole = peer;
    bool to_be_kept = false;
    if (!whole.process) whole.process = process_of(fd, peer.pid, to_be_kept);
    return whole;
  }
  Visitor visitor() const {
    if (!served) return {asker, root, spoken ? Visitor::Doing::asks : Visitor::Doing::silent, came};
    return {asker, root, ended ? Visitor::Doing::leaves : place.doing(), place.since()};
  }
};

ConnectionThreads::ConnectionThreads(std::unique_ptr<Listener> listener, const HttpServer::Limits& limits, Serve serve)
    : listener_(std::move(listener)),
      limits_(limits),
      serve_(std::move(serve)),
      fair_(fair_limits(limits)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      acceptor_([this](std::stop_token stop) { run(stop); }) {}

ConnectionThreads::~ConnectionThreads() {
  acceptor_.request_stop();
  eventfd_write(wake_.get(), 1);
  acceptor_.join();
  for (Connection& c : connections_) c.stop.request_stop();
  connections_.clear();  // joins
}

void ConnectionThreads::run(std::stop_token stop) {
  watch(epoll_.get(), EPOLL_CTL_ADD, listener_->fd(), EPOLLIN, this);
  watch(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), EPOLLIN, &wake_);
  std::array<epoll_event, 128> events;
  while (!stop.stop_requested()) {
    const auto pause = look_again_.value_or(Visitor::Time{}) - std::chrono::steady_clock::now();
    const int wait =
        look_again_ ? static_cast<int>(std::max<long>(std::chrono::ceil<std::chrono::milliseconds>(pause).count(), 0)) : -1;
    const int n = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait);
    if (n < 0 && errno != EINTR) poll(nullptr, 0, kExhaustedPauseMs);
    bool comes = false;
    for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(std::max(n, 0)))) {
      eventfd_t ignored;
      if (event.data.ptr == this)
        comes = true;
      else if (event.data.ptr == &wake_)
        eventfd_read(wake_.get(), &ignored);
      else
        handle(*static_cast<Connection*>(event.data.ptr), event.events);
    }
    if (comes) accept_some();
    reap();
    ask_again_who();
    give_places_away();
  }
}

/// A request, or the end: a peer that only ended its sending still wants the answer, and is no hang-up.
void ConnectionThreads::handle(Connection& c, std::uint32_t events) {
  if (events & (EPOLLHUP | EPOLLERR)) {
    watch(epoll_.get(), EPOLL_CTL_DEL, c.fd, 0, nullptr);
    c.ended = true;
    c.stop.request_stop();
  } else if (!c.spoken && ((events & EPOLLRDHUP) || has_asked(c.fd))) {
    c.spoken = true;
    watch(epoll_.get(), EPOLL_CTL_MOD, c.fd, 0, &c);
  }
}

void ConnectionThreads::accept_some() {
  for (int i = 0; i < kAcceptAtOnce; ++i) {
    UniqueFd fd(accept4(listener_->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd) {
      admit(std::move(fd));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      // Fewer may wait from now on, so that one of them ends; where nobody waits, others have all that there is.
      fair_.visitors = std::max(fair_.places, std::min(fair_.visitors + 1, connections_.size()) - !connections_.empty());
      if (connections_.size() <= fair_.visitors) poll(nullptr, 0, kExhaustedPauseMs);
    }
    if (errno != ECONNABORTED && errno != EINTR) return;
  }
}

void ConnectionThreads::admit(UniqueFd fd) {
  Connection& c = connections_.emplace_back();
  c.fd = fd.get();
  c.peer = peer_of(c.fd);
  setsockopt(c.fd, SOL_SOCKET, SO_SNDBUF, &kUnreadBytes, sizeof kUnreadBytes);
  c.stream = adopt_socket(std::move(fd));
  const HttpServer::Asker asker = limits_.who ? limits_.who(c.whole_peer()) : by_user(c.peer);
  c.asker = askers_.number_of(asker.name);
  c.root = asker.root;
  c.may_change = asker.may_change;
  // by edges: what came in part is looked at again when there is more
  watch(epoll_.get(), EPOLL_CTL_ADD, c.fd, EPOLLIN | EPOLLRDHUP | static_cast<std::uint32_t>(EPOLLET), &c);
}

void ConnectionThreads::ask_again_who() {
  const std::uint64_t changed = limits_.who_changed ? limits_.who_changed() : 0;
  if (std::exchange(who_changed_, changed) == changed) return;
  for (Connection& c : connections_) {
    if (!c.may_change || c.ended) continue;
    const HttpServer::Asker asker = limits_.who(c.whole_peer());
    const int number = askers_.number_of(asker.name);
    askers_.forget(std::exchange(c.asker, number));
    c.root = asker.root;
    c.may_change = asker.may_change;
  }
}

void ConnectionThreads::give_places_away() {
  std::vector<Visitor> visitors;
  std::vector<Connection*> connections;
  for (Connection& c : connections_) {
    visitors.push_back(c.visitor());
    connections.push_back(&c);
  }
  FairStep step;
  do {
    step = next_fair_step(fair_, visitors, std::chrono::steady_clock::now());
  } while (step.what != FairStep::What::nothing && take(step, visitors, connections));
  look_again_ = step.look_again;
  const auto now = std::chrono::steady_clock::now();
  const auto asks = [](const Visitor& v) { return v.doing == Visitor::Doing::asks; };
  const auto waits = std::find_if(visitors.begin(), visitors.end(), asks);
  if (waits != visitors.end()) {
    look_again_ = std::min(look_again_.value_or(now + kLookAgain), now + kLookAgain);
    if (now - waits->since > kLongWait) tell_that_it_is_full(waits->asker);
  }
  reap();
}

/// False: there are no threads left.
bool ConnectionThreads::take(const FairStep& step, std::vector<Visitor>& visitors, std::vector<Connection*>& connections) {
  Connection& c = *connections[step.which];
  Visitor& v = visitors[step.which];
  if (step.what == FairStep::What::serve) {
    if (!start(c)) return false;
    v = c.visitor();
    return true;
  }
  if (!c.served) {
    const bool late = v.doing == Visitor::Doing::silent && v.since + fair_.silence <= std::chrono::steady_clock::now();
    if (late && has_unread(c.fd)) {  // it is told so
      c.spoken = true;
      c.place.is_late();
      watch(epoll_.get(), EPOLL_CTL_MOD, c.fd, 0, &c);
      v = c.visitor();
      return true;
    }
    if (!late) tell_that_it_is_full(c.asker);
    c.ended = true;
    visitors.erase(visitors.begin() + static_cast<std::ptrdiff_t>(step.which));
    connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(step.which));
    return true;
  }
  if (v.doing == Visitor::Doing::idle && has_unread(c.fd)) {
    c.place.excuse();
  } else if (c.place.give_up(v.doing)) {
    tell_that_it_is_full(c.asker);
    c.ended = true;
    c.stop.request_stop();
  }
  v = c.visitor();
  return true;
}

void ConnectionThreads::tell_that_it_is_full(int asker) {
  const auto now = std::chrono::steady_clock::now();
  if (now < tell_next_) return;
  tell_next_ = now + std::chrono::minutes(1);
  log::warn("Agent", "Too many connections of " + limits_.name + ", most of them by " + askers_.name_of(asker) +
                         ": these wait, or end, so that others are served; not told again for a minute");
}

bool ConnectionThreads::start(Connection& c) {
  c.peer = c.whole_peer();
  c.place.excuse();  // what it waited was not its fault
  try {
    c.thread = std::jthread([this, &c] {
      serve_(*c.stream, c.peer, c.stop.get_token(), c.place);
      shutdown(c.fd, SHUT_RDWR);  // the peer sees the end now, the descriptor is closed when reaped
      c.done = true;
      eventfd_write(wake_.get(), 1);
    });
    c.served = true;
    return true;
  } catch (const std::system_error& e) {
    log::error("Agent", "No thread for a connection: " + e.code().message());
    poll(nullptr, 0, kExhaustedPauseMs);
    return false;
  }
}

/// Those whose thread has ended, and those that never had one.
void ConnectionThreads::reap() {
  connections_.remove_if([this](const Connection& c) {
    const bool gone = c.done || (c.ended && !c.served);
    if (gone) askers_.forget(c.asker);
    return gone;
  });
}

}  // namespace dso
