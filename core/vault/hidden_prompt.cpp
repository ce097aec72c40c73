// A terminal in raw-enough mode, and a line editor of four keys.
#include "vault/hidden_prompt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace dso {
namespace {

/// Ctrl-C arrives as a byte, not as a signal: it cannot end the process while the echo is off.
class NoEcho {
 public:
  explicit NoEcho(int fd) : fd_(fd) {
    if (tcgetattr(fd, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    active_ = tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
  }
  ~NoEcho() {
    if (active_) tcsetattr(fd_, TCSAFLUSH, &before_);  // what was typed ahead must not become a shell's input
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  bool active() const { return active_; }

 private:
  int fd_;
  termios before_{};
  bool active_ = false;
};

void say(std::string_view text) {
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // no stderr: the person sees no prompt, that is all
}

/// One character is one key, also when it has several bytes.
void remove_last_character(SecretBuffer& line) {
  while (!line.empty()) {
    const auto last = static_cast<unsigned char>(line.back());
    line.pop_back();
    if ((last & 0xc0) != 0x80) return;
  }
}

enum class Key { more, done, cancelled };
Key take(SecretBuffer& line, char c) {
  constexpr char kCtrlC = 3, kCtrlD = 4, kBackspace = 8, kCtrlU = 21, kDelete = 127;
  switch (c) {
    case '\n':
    case '\r':
    case kCtrlD: return Key::done;
    case kCtrlC: return Key::cancelled;
    case kBackspace:
    case kDelete: remove_last_character(line); return Key::more;
    case kCtrlU: line.clear(); return Key::more;
    default: line.push_back(c); return Key::more;
  }
}

Error prompt_interrupted() {
  return make_error(ErrorClass::interrupted, "Interrupted", "nothing was read");
}

/// A paste of several lines arrives at once: its first line alone would be a wrong value.
bool more_is_waiting(int fd) {
  pollfd wait{fd, POLLIN, 0};
  return poll(&wait, 1, 0) == 1 && (wait.revents & POLLIN);
}

Result<SecretBytes> read_line(int fd, std::size_t limit, int stop_fd) {
  SecretBuffer line;
  line.reserve(256);
  for (;;) {
    pollfd waits[] = {{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}};
    if (poll(waits, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return io_error("Cannot read from the terminal", errno);
    }
    if (waits[1].revents) return prompt_interrupted();
    char c = 0;
    const ssize_t n = read(fd, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("Cannot read from the terminal", errno);
    const Key key = n == 0 ? Key::done : take(line, c);
    explicit_bzero(&c, 1);
    if (key == Key::cancelled) return prompt_interrupted();
    if (key == Key::done && n == 1 && more_is_waiting(fd))
      return make_error(ErrorClass::invalid_request, "Cannot take this input", "it has several lines",
                        "Give it on stdin instead: `… < FILE`.");
    if (key == Key::done) return SecretBytes(std::move(line));
    if (line.size() > limit)
      return make_error(ErrorClass::invalid_request, "Cannot take this input",
                        "it is longer than " + std::to_string(limit) + " bytes");
  }
}

}  // namespace

Result<SecretBytes> hidden_prompt(int fd, const std::string& prompt, std::size_t limit, std::stop_token stop) {
  const UniqueFd stop_event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_event) return io_error("Cannot read from the terminal", errno);
  const std::stop_callback on_stop(stop, [&stop_event] { eventfd_write(stop_event.get(), 1); });
  Result<SecretBytes> line = prompt_interrupted();
  {
    const NoEcho quiet(fd);
    if (!quiet.active()) return io_error("Cannot read from the terminal without showing the input", errno);
    say(prompt);
    line = read_line(fd, limit, stop_event.get());
  }
  say("\n");
  return line;
}

}  // namespace dso
