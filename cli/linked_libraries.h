// The libraries that this binary is linked with, and their versions: what a report of a vulnerability is compared with.
#pragma once
#include <string>
#include <vector>

namespace dso::cli {

struct LinkedLibrary {
  std::string name;     ///< "openssl"
  std::string version;  ///< What the library says of itself, else its package; "unknown" where neither is known.
  std::string linked;   ///< "static", or "dynamic": then the version is that of this host.
  std::string in;       ///< "dso", "dso, providers", "dso-init".
  std::string package;  ///< "libssl-dev 3.0.17-1~deb12u2", which was linked; "" where no package database knew it.
};

std::vector<LinkedLibrary> linked_libraries();

}  // namespace dso::cli
