// What `docker compose config --format json` says, as far as delivery needs it: services, what they start with, and which of
// their variables are references (dso://, dsofile://). Pure. Other values are not kept; the JSON is read in secret memory.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dso {

struct ComposeReference {
  std::string variable;   ///< The environment variable.
  bool file = false;      ///< dsofile://
  std::string reference;  ///< Behind the scheme: "[provider/]name[#field]".
  bool operator==(const ComposeReference&) const = default;
};

struct ComposeService {
  std::string name;
  std::string image;  ///< Empty: built, and named by compose.
  bool has_build = false;
  std::string pull_policy;  ///< Empty: compose's default.
  std::string platform;
  std::string container_name;  ///< Mostly empty.
  std::string user;
  std::optional<std::vector<std::string>> entrypoint, command;  ///< Unset: the image's.
  std::map<std::string, std::string> labels;
  std::vector<std::string> health_test;  ///< ["CMD", …], ["CMD-SHELL", "…"]; empty: none given here.
  bool own_secrets = false;              ///< Uses compose's own `secrets:`, which lie in /run/secrets.
  std::vector<ComposeReference> references;
  std::set<std::string> variables;  ///< Names of all that it has, references or not.
};

struct ComposeModel {
  std::string project;
  std::vector<ComposeService> services;
};

/// Errors: Malformed (not compose's JSON); Config where a reference stands somewhere other than alone in a service's environment,
/// naming service and key.
Result<ComposeModel> parse_compose_model(std::string_view json);

}  // namespace dso
