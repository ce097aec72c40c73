// A store behind a provider .so: starts and supervises its child process, and is the SecretSource of that instance.
// The child asks the parent for HTTP, files, environment and crypto over a socketpair (ipc.h); this file knows no Docker.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "model/config.h"
#include "model/secret.h"
#include "provider/provider_keys.h"

namespace dso {

struct ProviderHostOptions {
  std::string provider_dir;                 ///< Where libdso_provider_<type>.so lies.
  std::string self_exe = "/proc/self/exe";  ///< The binary to run as `dso provider-host`; tests name the built one.
  std::string provider_keys = kProviderKeys;
};

/// Opens `instance` (type != local): looks at the files that it names (Config if others may change them), finds the .so, starts
/// the child, loads, checks the ABI, calls open. Errors name the instance and the file. The result replaces a dead or hung child
/// with backoff by itself; requests in flight fail as Unavailable.
Result<std::unique_ptr<SecretSource>> open_provider(const ProviderInstance& instance, const ProviderHostOptions& options,
                                                    const Deadline& deadline);

struct ProviderInfo {
  std::string type, semver, abi, file, sha256;
  std::string problem;  ///< Not empty: it cannot be used, and why.
};
/// Every libdso_provider_*.so of the folder, loaded in a child for its version. For `dso version`.
std::vector<ProviderInfo> list_providers(const ProviderHostOptions& options);

/// What comes behind `dso provider-host SO_FD SOCKET_FD`.
struct ProviderHostWishes {
  bool network = false;  ///< The provider brings its own network stack.
  bool locked = false;   ///< Secret memory that cannot be locked is refused.
};
/// Nothing: a word that it does not know.
std::optional<ProviderHostWishes> provider_host_wishes(std::span<char* const> words);
/// The child's whole life. Returns the exit code.
int provider_host_main(int so_fd, int socket_fd, const ProviderHostWishes& wishes);

}  // namespace dso
