// Reads `mappings`, in the present direction (field -> name) and the Go project's newest one (name -> path in the store).
// Internal to parse_config.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "logic/config_section.h"
#include "model/config.h"

namespace dso {

struct ReadMappings {
  std::vector<Mapping> own;  ///< Of the entry's own secret.
  /// Name of another secret -> what to take of it, in the order of the file, each name once.
  std::vector<std::pair<std::string, std::vector<Mapping>>> by_path;
  /// Every entry is name -> path: the secret's own name is then only a heading.
  bool only_paths() const { return own.empty() && !by_path.empty(); }
};

ReadMappings read_mappings(const YamlNode& node, const std::string& path, InjectType inject, ConfigFindings& findings);

/// What is wrong with a secret's name, or "".
std::string secret_name_problem(std::string_view name);

}  // namespace dso
