// The files that an instance's config (or its kind's variables) names, and whether they are to be obeyed: asked before the
// provider is started, so that the error is the config's and names it. Each read asks again (base/trusted_file.h).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/file_trust.h"
#include "provider/egress.h"

namespace dso {

struct NamedFile {
  std::string path;
  std::string named_by;  ///< "secret_id_file", "VAULT_CACERT".
  FileUse use = FileUse::obeyed;
  bool operator==(const NamedFile&) const = default;
};

/// Settings and parameters that end in _file, and what TLS loads. Pure. Each path once for each use.
std::vector<NamedFile> named_files(const ProviderInstance& instance, const EnvLookup& env);

/// The Config error of each that others may change (or read, a client's key), with owner, mode and cure. One that is missing or
/// unreadable is not among them: the provider says so when it needs it.
std::vector<Error> distrusted_files(const ProviderInstance& instance, const EnvLookup& env);

}  // namespace dso
