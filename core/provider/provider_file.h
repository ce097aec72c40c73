// A provider's file: found by its type, opened once, hashed through that descriptor, and that descriptor is what the child
// loads: what was checked is what runs, whatever happens to the path meanwhile.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace dso {

struct ProviderFile {
  std::string type, path, sha256;
  UniqueFd fd;
};
/// Config error for a type that is no name or has no file; says which types there are.
Result<ProviderFile> open_provider_file(const std::string& folder, const std::string& type);

/// The types that have a file in the folder, sorted.
std::vector<std::string> provider_types(const std::string& folder);

}  // namespace dso
