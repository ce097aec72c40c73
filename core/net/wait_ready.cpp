// poll(2) on the descriptor and on an eventfd that a stop request writes to.
#include "net/wait_ready.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <optional>

#include "base/unique_fd.h"
#include "net/net_error.h"

namespace dso {
namespace {

/// An eventfd that becomes readable when a stop is requested; none for a token that cannot stop.
class StopWake {
 public:
  explicit StopWake(const std::stop_token& s)
      : fd_(s.stop_possible() ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1), callback_(s, Wake{fd_.get()}) {}
  int fd() const { return fd_.get(); }

 private:
  struct Wake {
    int fd;
    void operator()() const noexcept {
      if (fd >= 0) eventfd_write(fd, 1);
    }
  };
  UniqueFd fd_;
  std::stop_callback<Wake> callback_;  // ends before fd_, so it never writes to a closed descriptor
};

/// A thread waits again and again with one token: what wakes it is kept, since making it costs three system calls.
StopWake& wake_of(const std::stop_token& s) {
  struct Kept {
    std::stop_token token;
    StopWake wake;
    explicit Kept(const std::stop_token& t) : token(t), wake(t) {}
  };
  thread_local std::optional<Kept> kept;
  if (!kept || kept->token != s || (s.stop_possible() && kept->wake.fd() < 0)) kept.emplace(s);
  return kept->wake;
}

/// Without an eventfd (no descriptors left) a stop is noticed in slices of this length.
constexpr std::chrono::milliseconds kSlice{50};

/// True: ready. False: `until` or the slice passed.
Result<bool> poll_once(int fd, short events, std::chrono::milliseconds left, const StopWake& wake, bool stoppable,
                       const std::string& what) {
  pollfd fds[2] = {{fd, events, 0}, {wake.fd(), POLLIN, 0}};
  if (stoppable && wake.fd() < 0) left = std::min(left, kSlice);
  if (poll(fds, 2, static_cast<int>(left.count())) < 0 && errno != EINTR)
    return make_error(ErrorClass::network, what, errno_text(errno));
  return fds[0].revents != 0;
}

}  // namespace

Result<void> check_time(const Deadline& d, const std::stop_token& s, const std::string& what) {
  if (s.stop_requested()) return make_error(ErrorClass::interrupted, what, "stopped");
  if (d.passed()) return make_error(ErrorClass::timeout, what, "the deadline passed");
  return {};
}

Result<void> wait_ready(int fd, short events, const Deadline& d, const std::stop_token& s, const std::string& what) {
  const StopWake& wake = wake_of(s);
  for (;;) {
    DSO_CHECK(check_time(d, s, what));
    DSO_TRY(const bool ready, poll_once(fd, events, d.left(), wake, s.stop_possible(), what));
    if (ready) return {};
  }
}

Result<void> wait_pause(std::chrono::milliseconds pause, const Deadline& d, const std::stop_token& s, const std::string& what) {
  const StopWake& wake = wake_of(s);
  const Deadline end = Deadline::in(pause);
  while (!end.passed()) {
    DSO_CHECK(check_time(d, s, what));
    DSO_TRY(const bool ready, poll_once(-1, 0, std::min(end.left(), d.left()), wake, s.stop_possible(), what));
    static_cast<void>(ready);
  }
  return check_time(d, s, what);
}

}  // namespace dso
