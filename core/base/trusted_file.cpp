// Goes from folder to folder as the kernel does, each opened below the one before, so that nothing can be exchanged between a
// look and the next.
#include "base/trusted_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <deque>

#include "base/file.h"
#include "base/private_group.h"

namespace dso {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel has it

/// A path's parts, without those that say nothing.
std::deque<std::string> parts_of(const std::string& path) {
  std::deque<std::string> out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    if (std::string part = path.substr(at, slash - at); !part.empty() && part != ".") out.push_back(std::move(part));
    at = slash + 1;
  }
  if (path.ends_with('/') && !out.empty()) out.emplace_back(".");  // "x/" is a folder, or nothing
  return out;
}

/// With an access list the group's bits speak of everybody on it.
bool has_access_list(const UniqueFd& fd) {
  return getxattr(name_of_opened(fd).c_str(), "system.posix_acl_access", nullptr, 0) >= 0 ||
         (errno != ENODATA && errno != EOPNOTSUPP);
}

/// The group's members are asked for only where they decide. Root's umask gives its group no right, so root obeys no such file.
FileFacts facts_of(const UniqueFd& fd, const struct stat& st, const Caller& caller) {
  FileFacts out{st.st_uid, st.st_mode & 07777};
  if ((out.mode & 0020) != 0 && caller.uid != 0 && st.st_uid == caller.uid)
    out.private_group = !has_access_list(fd) && is_private_group(st.st_gid, st.st_uid);
  return out;
}

std::string working_folder() {
  char path[PATH_MAX];
  return getcwd(path, sizeof path) ? std::string(path) : std::string(".");
}

class Walk {
 public:
  Walk(std::string path, const std::string& kind, FileUse use)
      : path_(std::move(path)), kind_(kind), use_(use), caller_(this_caller()) {}

  Result<UniqueFd> run() {
    if (path_.empty()) return unreadable(ENOENT);
    struct stat root {};
    if (stat("/", &root) == 0) root_owner_ = root.st_uid;
    DSO_CHECK(begin(path_));
    for (rest_ = parts_of(path_); !rest_.empty();) {
      const std::string name = rest_.front();
      rest_.pop_front();
      DSO_TRY(UniqueFd opened, step(name));
      if (opened) return opened;
    }
    return not_a_file(S_IFDIR);
  }

 private:
  Error unreadable(int error) const { return io_error("Cannot read '" + path_ + "'", error); }
  Error not_a_file(mode_t mode) const {
    return make_error(ErrorClass::io, "Cannot read '" + path_ + "'",
                      S_ISDIR(mode) ? "it is a directory" : "it is not a regular file");
  }
  Result<void> verdict(std::optional<Distrust> why) const {
    if (!why) return {};
    return make_error(ErrorClass::config, "Cannot use the " + kind_ + " '" + path_ + "'", std::move(why->cause),
                      std::move(why->next));
  }

  Result<void> begin(const std::string& path) {
    const bool absolute = path.starts_with('/');
    at_ = UniqueFd(open(absolute ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    shown_ = absolute ? "/" : working_folder();
    return look_at_folder();
  }

  /// At the folder that we have come to.
  Result<void> look_at_folder() {
    struct stat st {};
    if (!at_ || fstat(at_.get(), &st) != 0) return unreadable(errno);
    folder_ = facts_of(at_, st, caller_);
    return {};
  }
  /// Once it is known whether the file itself lies in it.
  Result<void> judge_folder(bool holds_the_file) const {
    return verdict(distrust_of_folder(shown_, folder_, caller_, holds_the_file ? std::nullopt : root_owner_));
  }
  std::string shown(const std::string& name) const { return shown_ == "/" ? "/" + name : shown_ + "/" + name; }

  /// The file, if this was the last part of its name.
  Result<UniqueFd> step(const std::string& name) {
    const bool last = rest_.empty();
    if (name == "." && !last) return UniqueFd();
    UniqueFd entry(openat(at_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat st {};
    if (!entry || fstat(entry.get(), &st) != 0) return unreadable(errno);
    if (S_ISLNK(st.st_mode)) {
      DSO_CHECK(judge_folder(false));
      return follow(name, entry, facts_of(entry, st, caller_));
    }
    if (!last && !S_ISDIR(st.st_mode)) return unreadable(ENOTDIR);
    if (last) return S_ISREG(st.st_mode) ? open_file(name, O_NOFOLLOW) : Result<UniqueFd>(not_a_file(st.st_mode));
    DSO_CHECK(judge_folder(false));
    shown_ = shown(name);
    at_ = std::move(entry);
    DSO_CHECK(look_at_folder());
    return UniqueFd();
  }

  Result<UniqueFd> open_file(const std::string& name, int flags) {
    DSO_CHECK(judge_folder(true));
    UniqueFd fd(openat(at_.get(), name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags));
    struct stat st {};
    if (!fd || fstat(fd.get(), &st) != 0) return unreadable(errno);
    if (!S_ISREG(st.st_mode)) return not_a_file(st.st_mode);
    DSO_CHECK(verdict(distrust_of_file(path_, use_, facts_of(fd, st, caller_), caller_)));
    return fd;
  }

  Result<UniqueFd> follow(const std::string& name, const UniqueFd& link, const FileFacts& facts) {
    if (++links_ > kMaxLinks) return unreadable(ELOOP);
    DSO_CHECK(verdict(distrust_of_link(shown(name), facts, folder_, caller_)));
    struct statfs fs {};
    if (fstatfs(link.get(), &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC) return follow_of_kernel(name);
    char target[PATH_MAX];
    const ssize_t n = readlinkat(link.get(), "", target, sizeof target);
    if (n < 0) return unreadable(errno);
    if (n == 0 || n == sizeof target) return unreadable(n == 0 ? ENOENT : ENAMETOOLONG);
    const std::string text(target, static_cast<std::size_t>(n));
    std::deque<std::string> parts = parts_of(text);
    rest_.insert(rest_.begin(), parts.begin(), parts.end());
    if (text.starts_with('/')) DSO_CHECK(begin(text));
    if (rest_.empty()) return not_a_file(S_IFDIR);
    return UniqueFd();
  }

  /// /proc/self/fd/0 (as /dev/stdin) leads to what somebody opened for us, wherever that lies; its text is no path to go by.
  Result<UniqueFd> follow_of_kernel(const std::string& name) {
    if (rest_.empty()) return open_file(name, 0);
    at_ = UniqueFd(openat(at_.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    shown_ = shown(name);
    DSO_CHECK(look_at_folder());
    return UniqueFd();
  }

  const std::string path_, kind_;
  const FileUse use_;
  const Caller caller_;
  std::optional<std::uint32_t> root_owner_;
  std::deque<std::string> rest_;  ///< Of the name, still to go.
  UniqueFd at_;                   ///< The folder we are in.
  std::string shown_;             ///< How it is called.
  FileFacts folder_;
  int links_ = 0;
};

}  // namespace

Caller this_caller() {
  Caller out{geteuid(), {}};
  if (const char* sudo = std::getenv("SUDO_UID"); sudo && *sudo) {
    char* end = nullptr;
    errno = 0;
    const unsigned long uid = std::strtoul(sudo, &end, 10);
    if (errno == 0 && *end == '\0') out.sudo_uid = static_cast<std::uint32_t>(uid);
  }
  return out;
}

Result<UniqueFd> open_trusted_file(const std::string& path, const std::string& kind, FileUse use) {
  return Walk(path, kind, use).run();
}

Result<std::string> read_trusted_text(const std::string& path, const std::string& kind, std::size_t limit) {
  DSO_TRY(const UniqueFd fd, open_trusted_file(path, kind));
  return read_opened_text(fd, path, limit);
}

Result<SecretBuffer> read_trusted_secret(const std::string& path, const std::string& kind, std::size_t limit) {
  DSO_TRY(const UniqueFd fd, open_trusted_file(path, kind));
  return read_opened_secret(fd, path, limit);
}

std::optional<Error> why_not_trusted(const std::string& path, const std::string& kind, FileUse use) {
  auto opened = open_trusted_file(path, kind, use);
  if (opened.has_value() || opened.error().cls != ErrorClass::config) return std::nullopt;
  return std::move(opened).error();
}

std::string name_of_opened(const UniqueFd& fd) {
  return "/proc/self/fd/" + std::to_string(fd.get());
}

}  // namespace dso
