// What `dso migrate` does with each variable of a compose project, and why: moved to the store, or left as it is. Pure; has names
// and reasons only.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "logic/compose_values.h"
#include "model/config.h"

namespace dso {

struct MigrateChoice {
  std::set<std::string> move, leave;  ///< Variables named by --variable and --leave: they count over the guess.
  std::string prefix;                 ///< Secrets are PREFIX/SERVICE.
};
struct VariableDecision {
  std::string service, variable;
  bool move = false;
  std::string reason;
  std::string reference;  ///< "dso://shop/api#DB_PASSWORD" where it is moved.
};

/// Usage: a variable of `choice` that no service has, or a prefix with other than [A-Za-z0-9._/-]. Config: no local store in it.
Result<std::vector<VariableDecision>> plan_migration(const ComposeValues& values, const MigrateChoice& choice,
                                                     const Config& config);

/// The name of the secret for a service.
std::string migrated_secret(const MigrateChoice& choice, const std::string& service);

/// `name` of the local store as a reference says it under this config: with its instance in front where another one is the first.
/// Config: the config has providers, and no local store among them.
Result<std::string> local_reference(const std::string& name, const Config& config);

}  // namespace dso
