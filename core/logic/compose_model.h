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
#include "logic/env_reference.h"
#include "logic/mount_clash.h"

namespace dso {

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
  bool no_healthcheck = false;           ///< `disable: true`
  bool own_secrets = false;              ///< Uses compose's own `secrets:`, which lie in /run/secrets.
  std::vector<std::string> copied;       ///< Paths that Compose copies a text to: inline configs, secrets from its environment.
  std::vector<EnvReference> references;
  std::vector<Lender> lenders;      ///< `volumes_from:`
  std::vector<OwnMount> mounts;     ///< `volumes:`, `tmpfs:`, and files of `configs:`.
  std::set<std::string> variables;  ///< Names of all that it has, references or not.
};

/// One of `secrets:` or `configs:` whose content is a variable of compose's own environment.
struct FromEnvironment {
  std::string section, name, variable;
};

struct ComposeModel {
  std::string project;
  std::vector<ComposeService> services;
  std::vector<FromEnvironment> from_environment;
};

/// Errors: Malformed (not compose's JSON); Config where a reference stands somewhere other than alone in a service's environment,
/// naming service and key.
Result<ComposeModel> parse_compose_model(std::string_view json);

/// The last line "NAME=value" of what `docker compose config --environment` lists; borrowed, "" where there is none.
std::string_view listed_value(std::string_view listing, std::string_view name);
/// Config where one of `secrets:` or `configs:` would have a reference as its content.
Result<void> check_from_environment(const ComposeModel& model, std::string_view listing);

}  // namespace dso
