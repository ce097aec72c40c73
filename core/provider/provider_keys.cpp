// Every file is opened through the folder's own descriptor, never through a link: what was measured is what is read.
#include "provider/provider_keys.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/file.h"
#include "base/unique_fd.h"
#include "provider/measure.h"

namespace dso {
namespace {

constexpr std::size_t kLargestKey = 16 * 1024, kLargestSignature = 4096;

/// At most `limit` bytes, and one more where there are more.
Result<std::string> content_of(int fd, std::size_t limit, const std::string& what) {
  std::string out(limit + 1, '\0');
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t n = read(fd, out.data() + have, out.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error(what, errno);
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  out.resize(have);
  return out;
}

Result<ProviderKey> read_key(int folder, const std::string& path, const std::string& name, std::uint32_t user) {
  const std::string what = "Cannot read the provider key '" + path + "'", next = "No provider is loaded meanwhile.";
  const UniqueFd fd(openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (!fd && errno == ELOOP) return make_error(ErrorClass::config, what, "it is a symbolic link", "Copy the key there. " + next);
  if (!fd) return io_error(what, errno, next);
  DSO_TRY(const struct stat st, measure(fd.get(), what));
  if (!S_ISREG(st.st_mode)) return make_error(ErrorClass::config, what, "it is not a regular file", next);
  DSO_CHECK(check_owner("provider key", path, {st.st_uid, st.st_mode}, user));
  DSO_TRY(const std::string pem, content_of(fd.get(), kLargestKey, what));
  return parse_provider_key(pem, path, name);
}

}  // namespace

Result<std::optional<ProviderKeys>> read_provider_keys(const std::string& folder, std::uint32_t user) {
  const std::string what = "Cannot read the folder of provider keys '" + folder + "'";
  const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::optional<ProviderKeys>();
  if (!fd) return io_error(what, errno, "No provider is loaded meanwhile.");
  DSO_TRY(const struct stat st, measure(fd.get(), what));
  DSO_CHECK(check_owner("folder of provider keys", folder, {st.st_uid, st.st_mode}, user));
  const int again = dup(fd.get());  // fdopendir takes what it is given
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(again < 0 ? nullptr : fdopendir(again), closedir);
  if (!dir) {
    const int failed = errno;
    if (again >= 0) close(again);
    return io_error(what, failed, "No provider is loaded meanwhile.");
  }
  std::vector<std::string> names;
  while (const dirent* entry = readdir(dir.get()))
    if (std::string name = entry->d_name; name.ends_with(".pem") && !name.starts_with('.')) names.push_back(std::move(name));
  std::sort(names.begin(), names.end());
  ProviderKeys out;
  out.folder = folder;
  for (const std::string& name : names) {
    DSO_TRY(ProviderKey key, read_key(fd.get(), folder + "/" + name, name, user));
    out.keys.push_back(std::move(key));
  }
  return std::optional<ProviderKeys>(std::move(out));
}

Result<std::optional<std::string>> read_signature_of(const std::string& file) {
  const std::string path = file + kSignatureSuffix, what = "Cannot read the signature '" + path + "'";
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd && errno == ENOENT) return std::optional<std::string>();
  if (!fd) return io_error(what, errno);
  DSO_TRY(const struct stat st, measure(fd.get(), what));
  if (!S_ISREG(st.st_mode)) return make_error(ErrorClass::io, what, "it is not a regular file");
  DSO_TRY(std::string content, content_of(fd.get(), kLargestSignature, what));
  return std::optional<std::string>(std::move(content));
}

}  // namespace dso
