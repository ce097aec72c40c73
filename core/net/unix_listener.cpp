// bind(2) with what it does not do by itself: stale files, modes without a gap, removal.
#include "net/unix_listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/byte_stream.h"
#include "net/net_error.h"

namespace dso {
namespace {

/// A client that does not block is refused at once where the queue is full: a burst has to fit.
constexpr int kUnixBacklog = 1024;

Error unix_listen_error(const std::string& path, std::string cause, std::string next = {}) {
  return make_error(ErrorClass::io, "Failed to listen on " + path, std::move(cause), std::move(next));
}

/// Makes room: removes a socket file on which nobody accepts.
Result<void> remove_stale(const std::string& path) {
  struct stat st {};
  if (lstat(path.c_str(), &st) != 0) return {};  // nothing there; another problem shows at bind
  if (!S_ISSOCK(st.st_mode))
    return unix_listen_error(path, "a file that is no socket lies there", "Move it away, or choose another path.");
  auto alive = connect_unix(path, Deadline::in(std::chrono::seconds(1)), {});
  if (alive.has_value() || alive.error().cls == ErrorClass::timeout)
    return unix_listen_error(path, "another process serves there", "Stop it, or choose another path.");
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return unix_listen_error(path, errno_text(errno));
  return {};
}

}  // namespace

Result<UnixListener> UnixListener::bind(const std::string& path, unsigned mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return unix_listen_error(path, "the path of a unix socket has 1 to 107 characters", "Use a shorter path.");
  std::memcpy(address.sun_path, path.data(), path.size());
  DSO_CHECK(remove_stale(path));
  UnixListener listener;
  listener.fd_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int fd = listener.fd_.get();
  // Linux makes the file with the socket's own mode (less the umask): it is never open wider than asked for.
  if (fd < 0 || fchmod(fd, mode) != 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return unix_listen_error(path, errno_text(errno));
  struct stat st {};
  if (lstat(path.c_str(), &st) == 0) {
    listener.path_ = path;
    listener.device_ = st.st_dev;
    listener.inode_ = st.st_ino;
  }
  if (chmod(path.c_str(), mode) != 0 || listen(fd, kUnixBacklog) != 0) return unix_listen_error(path, errno_text(errno));
  return listener;
}

UnixListener UnixListener::adopt(UniqueFd listening) {
  UnixListener listener;
  listener.fd_ = std::move(listening);
  const int flags = fcntl(listener.fd_.get(), F_GETFL);
  if (flags >= 0) (void)fcntl(listener.fd_.get(), F_SETFL, flags | O_NONBLOCK);
  return listener;
}

UnixListener::UnixListener(UnixListener&& o) noexcept
    : fd_(std::move(o.fd_)), path_(std::exchange(o.path_, {})), device_(o.device_), inode_(o.inode_) {}

UnixListener::~UnixListener() {
  struct stat st {};
  // a successor may have bound the path already
  if (!path_.empty() && lstat(path_.c_str(), &st) == 0 && st.st_dev == device_ && st.st_ino == inode_) unlink(path_.c_str());
}

}  // namespace dso
