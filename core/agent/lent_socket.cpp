// Descriptors from 3 on, as many as LISTEN_FDS says, if LISTEN_PID is us.
#include "agent/lent_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace dso {
namespace {

constexpr int kFirst = 3, kMost = 64;

int number_in(const char* name) {
  const char* text = std::getenv(name);
  int out = -1;
  if (text) std::from_chars(text, text + std::strlen(text), out);
  return out;
}

bool same_file(const std::string& a, const std::string& b) {
  if (a == b) return true;
  struct stat one {
  }, other{};
  return stat(a.c_str(), &one) == 0 && stat(b.c_str(), &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool listens_at(int fd, const std::string& path) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) return false;
  sockaddr_un address{};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0 || address.sun_family != AF_UNIX) return false;
  return same_file(std::string(address.sun_path, strnlen(address.sun_path, sizeof address.sun_path)), path);
}

}  // namespace

UniqueFd lent_socket(const std::string& path) {
  const int count = number_in("LISTEN_PID") == getpid() ? std::min(number_in("LISTEN_FDS"), kMost) : 0;
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) unsetenv(name);
  UniqueFd found;
  for (int n = kFirst; n < kFirst + count; ++n) {
    UniqueFd fd(n);
    if (fcntl(n, F_SETFD, FD_CLOEXEC) == 0 && !found && !path.empty() && listens_at(n, path)) found = std::move(fd);
  }
  return found;
}

}  // namespace dso
