// Finding, opening and hashing. Nothing is loaded here.
#include "provider/provider_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/file.h"

namespace dso {
namespace {

constexpr std::string_view kPrefix = "libdso_provider_", kSuffix = ".so";

bool is_type(std::string_view t) {
  return !t.empty() && t.size() <= 32 && t[0] >= 'a' && t[0] <= 'z' &&
         t.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

Error config_error(std::string what, std::string cause, std::string next) {
  Error e;
  e.cls = ErrorClass::config;
  e.what = std::move(what);
  e.cause = std::move(cause);
  e.next = std::move(next);
  return e;
}

Result<std::string> hash_of(int fd, const std::string& path) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
    return io_error("Cannot hash '" + path + "'", ENOMEM);
  char chunk[16384];
  for (off_t at = 0;;) {
    const ssize_t n = pread(fd, chunk, sizeof chunk, at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("Cannot read the provider '" + path + "'", errno);
    if (n == 0) break;
    EVP_DigestUpdate(context.get(), chunk, static_cast<std::size_t>(n));
    at += n;
  }
  unsigned char digest[32];
  EVP_DigestFinal_ex(context.get(), digest, nullptr);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (const unsigned char c : digest) {
    hex += kHex[c >> 4];
    hex += kHex[c & 15];
  }
  return hex;
}

}  // namespace

std::vector<std::string> provider_types(const std::string& folder) {
  std::vector<std::string> types;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  while (const dirent* entry = dir ? readdir(dir.get()) : nullptr) {
    std::string_view name(entry->d_name);
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) || name.size() <= kPrefix.size() + kSuffix.size()) continue;
    name = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
    if (is_type(name)) types.emplace_back(name);
  }
  std::sort(types.begin(), types.end());
  return types;
}

Result<ProviderFile> open_provider_file(const std::string& folder, const std::string& type) {
  if (!is_type(type))
    return config_error("Bad provider type '" + type + "'", "a type is lower-case letters, digits, '-' and '_'",
                        "Check 'type' in dso.yaml.");
  ProviderFile file;
  file.type = type;
  file.path = folder + "/" + std::string(kPrefix) + type + std::string(kSuffix);
  file.fd = UniqueFd(open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.fd && errno == ENOENT) {
    std::string there;
    for (const auto& t : provider_types(folder)) there += (there.empty() ? "" : ", ") + t;
    return config_error("No provider of type '" + type + "'", "'" + file.path + "' does not exist",
                        there.empty() ? "There is no provider in that folder; DSO_PROVIDER_DIR names another."
                                      : "There are: " + there + " (and local).");
  }
  if (!file.fd) return io_error("Cannot open the provider '" + file.path + "'", errno);
  struct stat st {};
  if (fstat(file.fd.get(), &st) != 0) return io_error("Cannot open the provider '" + file.path + "'", errno);
  if (!S_ISREG(st.st_mode)) return config_error("Cannot open the provider '" + file.path + "'", "it is not a regular file", {});
  DSO_TRY(file.sha256, hash_of(file.fd.get(), file.path));
  return file;
}

}  // namespace dso
