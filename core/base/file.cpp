// Reading with a bound, replacing atomically, locking.
#include "base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/abandoned_files.h"
#include "base/crash_point.h"

namespace dso {
namespace {

template <class Buffer>
Result<Buffer> read_bounded(const UniqueFd& fd, const std::string& path, std::size_t limit) {
  struct stat st {};
  if (fstat(fd.get(), &st) != 0) return io_error("Cannot read '" + path + "'", errno);
  if (!S_ISREG(st.st_mode))
    return Error{ErrorClass::io,
                 "Cannot read '" + path + "'",
                 S_ISDIR(st.st_mode) ? "it is a directory" : "it is not a regular file",
                 {},
                 {},
                 {},
                 {},
                 {}};
  Buffer out;
  out.reserve(std::min<std::size_t>(limit, static_cast<std::size_t>(st.st_size)) + 1);
  char chunk[16384];
  for (;;) {
    const ssize_t n = read(fd.get(), chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int saved = errno;
      explicit_bzero(chunk, sizeof chunk);
      return io_error("Cannot read '" + path + "'", saved);
    }
    if (n == 0) break;
    if (out.size() + static_cast<std::size_t>(n) > limit) {
      explicit_bzero(chunk, sizeof chunk);
      return Error{ErrorClass::io,
                   "Cannot read '" + path + "'",
                   "it is larger than " + std::to_string(limit) + " bytes",
                   {},
                   {},
                   {},
                   {},
                   {}};
    }
    out.insert(out.end(), chunk, chunk + n);
  }
  explicit_bzero(chunk, sizeof chunk);
  return out;
}

template <class Buffer>
Result<Buffer> read_bounded(const std::string& path, std::size_t limit) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return io_error("Cannot read '" + path + "'", errno);
  return read_bounded<Buffer>(fd, path, limit);
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string temporary_name(const std::string& path) {
  std::uint64_t random = 0;
  if (getrandom(&random, sizeof random, 0) != sizeof random) random = static_cast<std::uint64_t>(getpid());
  return path + kTemporary + std::to_string(random);
}

Result<void> write_and_rename(int fd, const std::string& temp, const std::string& path, std::string_view content, mode_t mode,
                              FileOwner owner) {
  const auto failed = [&path](int e) { return io_error("Cannot write '" + path + "'", e); };
  while (!content.empty()) {
    const ssize_t n = write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  if (fchmod(fd, mode) != 0) return failed(errno);  // while it is ours: for another user's file it takes one right more
  if (owner.uid || owner.gid)
    if (fchown(fd, owner.uid.value_or(static_cast<uid_t>(-1)), owner.gid.value_or(static_cast<gid_t>(-1))) != 0)
      return failed(errno);
  if (fsync(fd) != 0) return failed(errno);
  crash_point("file: before the rename");
  if (rename(temp.c_str(), path.c_str()) != 0) return failed(errno);
  crash_point("file: renamed");
  UniqueFd folder(open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || fsync(folder.get()) != 0) return failed(errno);
  return {};
}

/// The umask takes bits from whatever is made, and a unit sets it to 0077: a mode that is promised is set afterwards. Through a
/// descriptor that needs no right to read and follows no link: in a folder of others the name may lead elsewhere by now.
Result<void> set_mode_of_folder(const std::string& path, mode_t mode) {
  const auto failed = [&](int e) { return io_error("Cannot set the mode of the folder '" + path + "'", e); };
  const UniqueFd fd(open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat st {};
  if (!fd || fstat(fd.get(), &st) != 0) return failed(errno);
  if ((st.st_mode & 07777) == mode) return {};
  if (chmod(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), mode) != 0) return failed(errno);
  return {};
}

}  // namespace

Error io_error(std::string what, int error_number, std::string next) {
  return Error{ErrorClass::io, std::move(what), std::strerror(error_number), std::move(next), {}, {}, {}, {}};
}

Result<SecretBuffer> read_secret_file(const std::string& path, std::size_t limit) {
  return read_bounded<SecretBuffer>(path, limit);
}
Result<std::string> read_text_file(const std::string& path, std::size_t limit) {
  return read_bounded<std::string>(path, limit);
}
Result<SecretBuffer> read_opened_secret(const UniqueFd& fd, const std::string& path, std::size_t limit) {
  return read_bounded<SecretBuffer>(fd, path, limit);
}
Result<std::string> read_opened_text(const UniqueFd& fd, const std::string& path, std::size_t limit) {
  return read_bounded<std::string>(fd, path, limit);
}

Result<void> replace_file(const std::string& path, std::string_view content, mode_t mode, FileOwner owner) {
  const std::string temp = temporary_name(path);
  UniqueFd fd(open(temp.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return io_error("Cannot write '" + path + "'", errno);
  (void)flock(fd.get(), LOCK_EX | LOCK_NB);  // held until we end, however we end: see abandoned_files.h
  auto done = write_and_rename(fd.get(), temp, path, content, mode, owner);
  if (done.has_error()) unlink(temp.c_str());
  return done;
}

Result<void> make_folders(const std::string& path, mode_t mode) {
  for (std::size_t at = 1; at <= path.size(); ++at) {
    if (at != path.size() && path[at] != '/') continue;
    const std::string part = path.substr(0, at);
    if (mkdir(part.c_str(), mode) == 0) {
      DSO_CHECK(set_mode_of_folder(part, mode));
    } else if (errno != EEXIST) {
      return io_error("Cannot make the folder '" + part + "'", errno);
    }
  }
  struct stat st {};
  if (stat(path.c_str(), &st) != 0) return io_error("Cannot make the folder '" + path + "'", errno);
  if (!S_ISDIR(st.st_mode)) return io_error("Cannot make the folder '" + path + "'", ENOTDIR);
  return {};
}

Result<void> make_own_folder(const std::string& path, mode_t mode) {
  DSO_CHECK(make_folders(path, mode));
  return set_mode_of_folder(path, mode);
}

Result<UniqueFd> lock_file(const std::string& path, int wait_ms) {
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return io_error("Cannot open the lock '" + path + "'", errno);
  struct stat st {};
  if (fstat(fd.get(), &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 07777) != 0600 && fchmod(fd.get(), 0600) != 0)
    return io_error("Cannot set the mode of the lock '" + path + "'", errno);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
  while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return io_error("Cannot lock '" + path + "'", errno);
    if (std::chrono::steady_clock::now() >= end)
      return Error{ErrorClass::io,
                   "Cannot lock '" + path + "'",
                   "another process has held it for " + std::to_string(wait_ms) + " ms",
                   "Find it with `fuser " + path + "`.",
                   {},
                   {},
                   {},
                   {}};
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return fd;
}

}  // namespace dso
