// System calls with an error text each.
#include "delivery/folder_io.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "delivery/steps.h"

namespace dso::delivery {
namespace {

Error failed(const char* what, const std::string& name, int e) {
  Error out = io_error(std::string("Cannot ") + what + " '" + name + "' on the secrets tmpfs", e);
  if (e == ENOENT) out.cls = ErrorClass::not_found;
  if (e == ENOSPC || e == EDQUOT)
    out.next = "Its size is bounded: remove unused scopes, or raise it with `mount -o remount,size=256m`.";
  return out;
}

/// -1 and errno. Kernels before 5.6 have no openat2; one component with O_NOFOLLOW is the same.
int open_beneath(int at, const std::string& name, int flags, mode_t mode = 0) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    errno = EINVAL;
    return -1;
  }
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const int fd = static_cast<int>(syscall(SYS_openat2, at, name.c_str(), &how, sizeof how));
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
  return openat(at, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode);
}

Result<void> write_all(int fd, const std::string& name, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("write", name, errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

/// The file of a container's user is not ours to write: a hardened agent may give it away and take it back, no more.
void take_back(int at, const std::string& name) {
  if (fchownat(at, name.c_str(), geteuid(), static_cast<gid_t>(-1), AT_SYMLINK_NOFOLLOW) != 0) return;
  const UniqueFd fd(open_beneath(at, name, O_PATH));
  if (fd) (void)chmod(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), 0600);
}

void zero_file(int at, const std::string& name) {
  UniqueFd fd(open_beneath(at, name, O_WRONLY));
  if (!fd && errno == EACCES) {
    take_back(at, name);
    fd = UniqueFd(open_beneath(at, name, O_WRONLY));
  }
  struct stat st {};
  if (!fd || fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode)) return;
  static constexpr char kZeros[4096] = {};
  for (off_t left = st.st_size; left > 0;) {
    const ssize_t n = ::write(fd.get(), kZeros, static_cast<std::size_t>(std::min<off_t>(left, sizeof kZeros)));
    if (n <= 0) return;
    left -= n;
  }
}

}  // namespace

Result<UniqueFd> open_folder(int at, const std::string& name) {
  UniqueFd fd(open_beneath(at, name, O_RDONLY | O_DIRECTORY));
  if (!fd) return failed("open", name, errno);
  return fd;
}

Result<UniqueFd> make_folder(int at, const std::string& name, mode_t mode) {
  const bool is_new = mkdirat(at, name.c_str(), 0700) == 0;
  if (!is_new && errno != EEXIST) return failed("make", name, errno);
  if (is_new) step("mkdir");
  DSO_TRY(UniqueFd fd, open_folder(at, name));
  struct stat st {};
  if (fstat(fd.get(), &st) != 0) return failed("open", name, errno);
  if ((st.st_mode & 07777) != mode && fchmod(fd.get(), mode) != 0) return failed("set the mode of", name, errno);
  return fd;
}

Result<void> write_new_file(int at, const std::string& name, std::string_view content, mode_t mode, FileOwner owner) {
  UniqueFd fd(open_beneath(at, name, O_WRONLY | O_CREAT | O_EXCL, 0600));
  if (!fd) return failed("write", name, errno);
  step("create");
  DSO_CHECK(write_all(fd.get(), name, content));
  // while it is ours: for another user's file it takes one right more
  if (fchmod(fd.get(), mode) != 0) return failed("set the mode of", name, errno);
  if ((owner.uid || owner.gid) &&
      fchown(fd.get(), owner.uid.value_or(static_cast<uid_t>(-1)), owner.gid.value_or(static_cast<gid_t>(-1))) != 0) {
    Error e = failed("give to its owner", name, errno);
    if (geteuid() != 0) e.next = "Only root can give files away: run DSO as root, or leave uid and gid out.";
    return e;
  }
  step("written");
  return {};
}

Result<void> replace_text_file(int at, const std::string& name, std::string_view content) {
  const std::string beside = ".new-" + name;
  DSO_CHECK(remove_file(at, beside));
  DSO_CHECK(write_new_file(at, beside, content, 0600, {}));
  if (renameat(at, beside.c_str(), at, name.c_str()) != 0) return failed("replace", name, errno);
  step("rename");
  return {};
}

Result<std::string> read_text_file_at(int at, const std::string& name, std::size_t limit) {
  UniqueFd fd(open_beneath(at, name, O_RDONLY));
  if (!fd) return failed("read", name, errno);
  std::string out;
  char chunk[4096];
  while (true) {
    const ssize_t n = ::read(fd.get(), chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("read", name, errno);
    if (n == 0) return out;
    out.append(chunk, static_cast<std::size_t>(n));
    if (out.size() > limit) return failed("read", name, EFBIG);
  }
}

std::vector<FolderEntry> entries(int folder) {
  std::vector<FolderEntry> out;
  const int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return out;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(fdopendir(own), closedir);
  if (!dir) {
    close(own);
    return out;
  }
  while (const dirent* e = readdir(dir.get())) {
    const std::string name = e->d_name;
    if (name == "." || name == "..") continue;
    const auto type = e->d_type == DT_DIR   ? FolderEntry::Type::folder
                      : e->d_type == DT_LNK ? FolderEntry::Type::link
                                            : FolderEntry::Type::other;
    out.push_back({name, type});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

std::string link_target(int at, const std::string& name) {
  char target[512];
  const ssize_t n = readlinkat(at, name.c_str(), target, sizeof target);
  return n <= 0 ? std::string() : std::string(target, static_cast<std::size_t>(n));
}

bool exists(int at, const std::string& name) {
  struct stat st {};
  return fstatat(at, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<void> remove_file(int at, const std::string& name) {
  if (unlinkat(at, name.c_str(), 0) == 0)
    step("unlink");
  else if (errno != ENOENT)
    return failed("remove", name, errno);
  return {};
}

Result<void> remove_tree(int at, const std::string& name, bool zero) {
  auto folder = open_folder(at, name);
  if (folder.has_error()) {
    if (zero) zero_file(at, name);
    return remove_file(at, name);
  }
  for (const FolderEntry& e : entries(folder->get())) {
    if (e.type != FolderEntry::Type::folder && zero) zero_file(folder->get(), e.name);
    DSO_CHECK(e.type == FolderEntry::Type::folder ? remove_tree(folder->get(), e.name, zero)
                                                  : remove_file(folder->get(), e.name));
  }
  if (unlinkat(at, name.c_str(), AT_REMOVEDIR) == 0)
    step("rmdir");
  else if (errno != ENOENT)
    return failed("remove", name, errno);
  return {};
}

}  // namespace dso::delivery
