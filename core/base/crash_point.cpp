// Counts the places where a test may kill this process, and kills it, or holds a thread, at one of them. Compiled to nothing
// without DSO_CRASH_POINTS, so that no environment variable can stop a shipped agent.
#include "base/crash_point.h"

#ifdef DSO_CRASH_POINTS
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>

namespace dso {
namespace {

constexpr unsigned kLookAgainUs = 10'000;

/// Read from the environment once, at the first point. A child that this process forks is not what the test means to kill.
struct Orders {
  const pid_t process = getpid();
  int trace = -1;
  long at = 0;
  std::string at_name;
  std::string hold_at, hold_until;
  long count = 0;
  std::mutex mutex;

  Orders() {
    if (const char* path = std::getenv("DSO_CRASH_TRACE"); path && *path)
      trace = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (const char* where = std::getenv("DSO_CRASH_AT"); where && *where) {
      at = std::strtol(where, nullptr, 10);
      if (at == 0) at_name = where;
    }
    if (const char* where = std::getenv("DSO_HOLD_AT"); where && *where) hold_at = where;
    if (const char* until = std::getenv("DSO_HOLD_UNTIL"); until && *until) hold_until = until;
  }
};

/// One write a line: what is in the trace happened, also when the next instruction kills us.
void trace(int file, const std::string& line) {
  while (write(file, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace

void crash_point(const char* name) {
  static Orders& orders = *new Orders;  // never destroyed: threads may pass here while the process ends
  if (name == orders.hold_at)
    while (access(orders.hold_until.c_str(), F_OK) != 0) usleep(kLookAgainUs);
  if ((orders.trace < 0 && orders.at <= 0 && orders.at_name.empty()) || getpid() != orders.process) return;
  std::lock_guard lock(orders.mutex);
  ++orders.count;
  if (orders.trace >= 0) trace(orders.trace, std::to_string(orders.count) + " " + name + "\n");
  if (orders.count == orders.at || name == orders.at_name) raise(SIGKILL);
}

}  // namespace dso
#endif
