// Mode and owner are those of the opened file, not of the path.
#include "vault/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "base/error.h"
#include "base/file.h"

namespace dso {
namespace {

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

Result<void> check_private(const struct stat& st, const std::string& path, const std::string& kind) {
  const auto refused = [&](std::string cause, std::string next) {
    return make_error(ErrorClass::credentials_unavailable, "Cannot use the " + kind + " '" + path + "'", std::move(cause),
                      std::move(next));
  };
  if (!S_ISREG(st.st_mode)) return refused("it is not a regular file", {});
  if ((st.st_mode & 077) != 0)
    return refused("others may read or write it (its mode is " + octal(st.st_mode) + ")", "Run `chmod 600 " + path + "`.");
  if (st.st_uid != geteuid() && st.st_uid != 0)
    return refused("it belongs to user " + std::to_string(st.st_uid) + ", not to you or root",
                   "Run `chown " + std::to_string(geteuid()) + " " + path + "` if it is yours.");
  return {};
}

}  // namespace

Result<SecretBytes> read_private_file(const std::string& path, const std::string& kind, std::size_t limit) {
  const std::string what = "Cannot read the " + kind + " '" + path + "'";
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return io_error(what, errno);
  struct stat st {};
  if (fstat(fd.get(), &st) != 0) return io_error(what, errno);
  DSO_CHECK(check_private(st, path, kind));
  SecretBuffer out(limit + 1);
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t n = read(fd.get(), out.data() + size, out.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error(what, errno);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > limit)
    return make_error(ErrorClass::credentials_unavailable, what, "it is larger than " + std::to_string(limit) + " bytes");
  out.resize(size);
  return SecretBytes(std::move(out));
}

Result<SecretBytes> read_passphrase_file(const std::string& path) {
  const std::string kind = "passphrase file";
  DSO_TRY(const SecretBytes text, read_private_file(path, kind, kMaxPassphraseBytes));
  std::string_view line = text.reveal();
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty())
    return make_error(ErrorClass::credentials_unavailable, "Cannot use the " + kind + " '" + path + "'", "it is empty");
  return SecretBytes::copy_of(line);
}

}  // namespace dso
