// Finding, opening, measuring and hashing; provider_lock.cpp judges. Nothing is loaded here.
#include "provider/provider_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/digest.h"
#include "base/file.h"
#include "base/hex_digits.h"
#include "provider/measure.h"

namespace dso {
namespace {

constexpr std::size_t kMaxLock = 1024 * 1024;

Error config_error(std::string what, std::string cause, std::string next) {
  return make_error(ErrorClass::config, std::move(what), std::move(cause), std::move(next));
}

/// From the descriptor's beginning, wherever its offset stands.
template <class F>
Result<void> each_chunk(int fd, const std::string& what, F&& take) {
  char chunk[16384];
  for (off_t at = 0;;) {
    const ssize_t n = pread(fd, chunk, sizeof chunk, at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error(what, errno);
    if (n == 0) return {};
    DSO_CHECK(take(std::string_view(chunk, static_cast<std::size_t>(n))));
    at += n;
  }
}

Result<std::string> hash_of(int fd, const std::string& path) {
  const std::string what = "Cannot read the provider '" + path + "'";
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return io_error(what, ENOMEM);
  DSO_CHECK(each_chunk(fd, what, [&](std::string_view chunk) -> Result<void> {
    EVP_DigestUpdate(context.get(), chunk.data(), chunk.size());
    return {};
  }));
  unsigned char digest[32];
  EVP_DigestFinal_ex(context.get(), digest, nullptr);
  std::string hex;
  for (const unsigned char c : digest) {
    hex += kHexDigits[c >> 4];
    hex += kHexDigits[c & 15];
  }
  return hex;
}

/// For a signature, which is over the whole.
Result<std::string> content_of(int fd, const std::string& path, off_t size) {
  const std::string what = "Cannot read the provider '" + path + "'";
  if (size > static_cast<off_t>(kMaxLibrary)) return make_error(ErrorClass::plugin, what, "it is larger than 64 MiB");
  std::string out;
  DSO_CHECK(each_chunk(fd, what, [&](std::string_view chunk) -> Result<void> {
    out += chunk;
    if (out.size() > kMaxLibrary) return make_error(ErrorClass::plugin, what, "it is larger than 64 MiB");
    return {};
  }));
  return out;
}

uid_t user_of(const ProviderTrust& trust) {
  return trust.user.value_or(geteuid());
}

bool is_same_folder(const struct stat& opened, const std::string& path) {
  struct stat st {};
  return stat(path.c_str(), &st) == 0 && st.st_dev == opened.st_dev && st.st_ino == opened.st_ino;
}

Result<std::optional<ProviderLock>> read_lock(int folder, const std::string& path, const ProviderTrust& trust) {
  const std::string what = "Cannot read the list of providers '" + path + "'";
  const UniqueFd fd(openat(folder, kProviderLockName, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (!fd && errno == ENOENT) return std::optional<ProviderLock>();
  if (!fd) return io_error(what, errno, "No provider is loaded meanwhile.");
  DSO_TRY(const struct stat st, measure(fd.get(), what));
  if (!S_ISREG(st.st_mode)) return make_error(ErrorClass::plugin, what, "it is not a regular file");
  DSO_CHECK(check_owner("list of providers", path, {st.st_uid, st.st_mode}, user_of(trust)));
  std::string text;
  DSO_CHECK(each_chunk(fd.get(), what, [&](std::string_view chunk) -> Result<void> {
    text += chunk;
    if (text.size() > kMaxLock) return make_error(ErrorClass::plugin, what, "it is larger than 1 MiB");
    return {};
  }));
  DSO_TRY(ProviderLock lock, parse_provider_lock(text, path));
  return std::optional<ProviderLock>(std::move(lock));
}

Error no_such_type(const std::string& folder, const std::string& type) {
  std::string there;
  for (const auto& t : provider_types(folder)) there += (there.empty() ? "" : ", ") + t;
  return config_error("No provider of type '" + type + "'", "'" + folder + "/" + provider_file_name(type) + "' does not exist",
                      there.empty() ? "There is no provider in that folder; DSO_PROVIDER_DIR names another."
                                    : "There are: " + there + " (and local).");
}

Error no_lock(const ProviderFolder& folder, const std::string& path) {
  return make_error(ErrorClass::plugin, "Cannot use the provider '" + path + "'",
                    "there is no '" + folder.lock_path() + "', so nobody has said that it may be loaded",
                    "If you trust it: dso provider install " + path + ".");
}

/// By hash, and where keys are configured by signature too, both of the same bytes.
Result<std::string> check_content(const ProviderFolder& folder, const ProviderFile& file, off_t size) {
  if (!folder.lock || !folder.keys) {
    DSO_TRY(std::string sha256, hash_of(file.fd.get(), file.path));
    if (folder.lock) DSO_CHECK(check_locked(*folder.lock, file.type, file.path, sha256));
    return sha256;
  }
  DSO_TRY(const std::string content, content_of(file.fd.get(), file.path, size));
  std::string sha256 = sha256_hex(content);
  DSO_CHECK(check_locked(*folder.lock, file.type, file.path, sha256));
  DSO_CHECK(check_signed(*folder.keys, *folder.lock->find(file.type), file.path, content));
  return sha256;
}

Error no_type(const std::string& type) {
  return config_error("Bad provider type '" + type + "'", "a type is lower-case letters, digits, '-' and '_'",
                      "Check 'type' in dso.yaml.");
}

}  // namespace

std::vector<std::string> provider_types(const std::string& folder) {
  std::vector<std::string> types;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  while (const dirent* entry = dir ? readdir(dir.get()) : nullptr)
    if (auto type = provider_type_of(entry->d_name)) types.push_back(std::move(*type));
  std::sort(types.begin(), types.end());
  return types;
}

Result<ProviderFolder> open_provider_folder(const std::string& path, const ProviderTrust& trust) {
  const std::string what = "Cannot open the provider folder '" + path + "'";
  ProviderFolder folder;
  folder.path = path;
  folder.fd = UniqueFd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.fd) return io_error(what, errno, "DSO_PROVIDER_DIR names another.");
  DSO_TRY(const struct stat st, measure(folder.fd.get(), what));
  DSO_CHECK(check_owner("provider folder", path, {st.st_uid, st.st_mode}, user_of(trust)));
  folder.installed = is_same_folder(st, trust.installed);
  DSO_TRY(folder.lock, read_lock(folder.fd.get(), folder.lock_path(), trust));
  DSO_TRY(folder.keys, read_provider_keys(trust.keys, user_of(trust)));
  return folder;
}

Result<ProviderFile> open_provider_file(const std::string& path, const std::string& type, const ProviderTrust& trust) {
  if (!is_provider_type(type)) return no_type(type);
  auto folder = open_provider_folder(path, trust);
  if (folder.has_error() && access(path.c_str(), F_OK) != 0 && errno == ENOENT) return no_such_type(path, type);
  if (folder.has_error()) return std::move(folder).error();
  return open_provider_file(*folder, type, trust);
}

Result<ProviderFile> open_provider_file(const ProviderFolder& folder, const std::string& type, const ProviderTrust& trust) {
  if (!is_provider_type(type)) return no_type(type);
  ProviderFile file;
  file.type = type;
  file.path = folder.path_of(type);
  const std::string what = "Cannot open the provider '" + file.path + "'";
  // A link's target lies in a folder that nobody has looked at.
  file.fd = UniqueFd(openat(folder.fd.get(), provider_file_name(type).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (!file.fd && errno == ENOENT) return no_such_type(folder.path, type);
  if (!file.fd && errno == ELOOP)
    return make_error(ErrorClass::plugin, what, "it is a symbolic link",
                      "Install the file that it leads to: dso provider install FILE.");
  if (!file.fd) return io_error(what, errno);
  DSO_TRY(const struct stat st, measure(file.fd.get(), what));
  if (!S_ISREG(st.st_mode)) return make_error(ErrorClass::plugin, what, "it is not a regular file");
  DSO_CHECK(check_owner("provider", file.path, {st.st_uid, st.st_mode}, user_of(trust)));
  if (!folder.lock && (folder.installed || folder.keys)) return no_lock(folder, file.path);
  DSO_TRY(file.sha256, check_content(folder, file, st.st_size));
  if (folder.lock) file.locked_version = folder.lock->find(type)->version;  // the content's check has found it
  return file;
}

Result<ProviderFile> open_untrusted_provider(const std::string& path) {
  const std::string what = "Cannot open the provider '" + path + "'";
  ProviderFile file;
  file.path = path;
  file.type = provider_type_of(path.substr(path.rfind('/') + 1)).value_or("");
  file.fd = UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.fd) return io_error(what, errno);
  DSO_TRY(const struct stat st, measure(file.fd.get(), what));
  if (!S_ISREG(st.st_mode)) return make_error(ErrorClass::io, what, "it is not a regular file");
  DSO_TRY(file.sha256, hash_of(file.fd.get(), path));
  return file;
}

}  // namespace dso
