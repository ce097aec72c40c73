// Puts provider files into the provider folder and takes them out again, together with their entry in providers.lock, and
// compares the two. What is installed was loaded once before, confined, so that it has a name, a version and a fitting ABI.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "provider/provider_file.h"

namespace dso {

struct ProviderPlaces {
  std::string folder;
  std::string exe = "/proc/self/exe";  ///< As ProviderHostOptions::self_exe.
  ProviderTrust trust = {};
};

struct InstalledProvider {
  std::string name, version, path, sha256;
  std::string signer;      ///< As signer_text says it; empty: no keys are configured.
  std::string previous;    ///< The version that was there, if any.
  bool unchanged = false;  ///< That very file was installed already.
};
/// `source` may be any file, also the one in the folder. The folder is made if there is none. Where keys are configured, nothing
/// is loaded before `source`.sig is good. One that is older than the installed one is refused (Plugin), unless that is allowed:
/// an old file, rightly signed, may bring back a hole that a newer one closed.
Result<InstalledProvider> install_provider(const std::string& source, const ProviderPlaces& places, bool allow_downgrade = false);

/// The version that was there ("" if only a file was). NotFound if there was neither file nor entry.
Result<std::string> remove_provider(const std::string& name, const ProviderPlaces& places);

struct VerifiedProvider {
  std::string name, version, path, sha256;  ///< The lock's version and hash; empty if it does not list it.
  std::string signer;                       ///< The fingerprint of the key that the lock has; empty: none.
  std::string key;                          ///< The same as signer_text says it.
  std::string problem;                      ///< Empty: as it was installed.
};
/// Every entry and every file of the folder, by name. Plugin error if there is nothing to compare with, or it cannot be trusted.
Result<std::vector<VerifiedProvider>> verify_providers(const ProviderPlaces& places);

}  // namespace dso
