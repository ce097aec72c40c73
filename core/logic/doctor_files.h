// What `dso doctor` says of DSO's own files: the config, who may read or change what, the providers, the CAs. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/config.h"
#include "model/doctor.h"

namespace dso {

struct ConfigFacts {
  std::string file;  ///< Empty: none was found, the built-in defaults count.
  std::optional<Error> error;
  std::vector<Diagnostic> findings;
};
DoctorRows config_checks(const ConfigFacts& facts);

struct OwnedPath {
  std::string path;
  std::string what;   ///< "key file"
  unsigned mode = 0;  ///< With the type's bits left out.
  std::uint32_t uid = 0;
  bool secret = false;  ///< Nobody else may read it either; else nobody else may write it.
};
/// `user`: who runs DSO; root may own everything too. `distrusted`: the errors of files that the config names and that are not
/// obeyed. One row for each that is wrong, or one for all that are right.
DoctorRows permission_checks(const std::vector<OwnedPath>& paths, std::uint32_t user, const std::vector<Error>& distrusted = {});

struct ProviderFolderFacts {
  std::string folder;
  std::vector<std::string> needed;  ///< Types that the config names, but for local.
  std::optional<Error> error;       ///< The folder or its providers.lock cannot be used.
  bool there = false;               ///< The folder is.
  bool locked = false;              ///< It has a providers.lock, which `files` was compared with.
  struct File {
    std::string name, path, problem;  ///< problem: empty if it is as it was installed.
  };
  std::vector<File> files;
};
DoctorRows provider_checks(const ProviderFolderFacts& facts);

/// `bundle`: the file with the CAs that TLS connections trust, "" for none; `needed`: a provider is configured that has none of
/// its own.
DoctorRows ca_checks(const std::string& bundle, bool readable, bool needed);

}  // namespace dso
