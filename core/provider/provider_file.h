// A provider's file: found by its type in a folder that nobody but root (or who runs DSO) may change, opened once, hashed through
// that descriptor, compared with providers.lock; that descriptor is what the child loads: what was checked is what runs,
// whatever happens to the path meanwhile.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "provider/provider_keys.h"

namespace dso {

/// Of a provider's file, in bytes.
inline constexpr std::size_t kMaxLibrary = 64 * 1024 * 1024;

/// Where DSO itself is installed for the system: nothing is loaded from there without providers.lock.
inline constexpr const char* kInstalledProviders = "/usr/local/lib/dso/providers";

/// Whom to trust; tests put others here.
struct ProviderTrust {
  std::string installed = kInstalledProviders;
  std::optional<uid_t> user;  ///< Unset: the effective one.
  std::string keys = kProviderKeys;
};

struct ProviderFolder {
  std::string path;
  UniqueFd fd;
  std::optional<ProviderLock> lock;  ///< Unset: the folder has none.
  bool installed = false;            ///< It is the system's.
  std::optional<ProviderKeys> keys;  ///< Unset: signatures are not asked for.
  std::string lock_path() const { return path + "/" + kProviderLockName; }
  std::string path_of(const std::string& type) const { return path + "/" + provider_file_name(type); }
};
/// Plugin error for a folder, a lock or keys that others may change, or a lock that cannot be read; Io, with ENOENT's text, for
/// none.
Result<ProviderFolder> open_provider_folder(const std::string& path, const ProviderTrust& trust = {});

struct ProviderFile {
  std::string type, path, sha256;
  std::string locked_version = {};  ///< What providers.lock says that it is; empty: no list was asked.
  UniqueFd fd;
};
/// Config error for a type that is no name or has no file (says which types there are); Plugin error for one that may not be
/// loaded.
Result<ProviderFile> open_provider_file(const std::string& folder, const std::string& type, const ProviderTrust& trust = {});
Result<ProviderFile> open_provider_file(const ProviderFolder& folder, const std::string& type, const ProviderTrust& trust = {});

/// Any file that was named by hand, neither trusted nor compared: for `dso provider test`.
Result<ProviderFile> open_untrusted_provider(const std::string& path);

/// The types that have a file in the folder, sorted.
std::vector<std::string> provider_types(const std::string& folder);

}  // namespace dso
