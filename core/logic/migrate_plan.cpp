// The guess about a variable is that of secret_variables.h; what the caller says about one comes first.
#include "logic/migrate_plan.h"

#include <algorithm>

#include "logic/reference.h"
#include "logic/secret_variables.h"
#include "logic/text.h"

namespace dso {
namespace {

Result<void> check_prefix(const std::string& prefix) {
  const bool plain = std::all_of(prefix.begin(), prefix.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
           c == '/';
  });
  if (plain && !prefix.empty() && prefix[0] != '-' && prefix[0] != '/' && prefix.back() != '/') return {};
  return make_error(ErrorClass::usage, "Cannot begin the secrets' names with " + in_quotes(prefix),
                    "it may have letters, digits, '.', '_', '-' and, inside, '/'", "Give another one: --name-prefix shop.");
}

Result<void> check_names(const ComposeValues& values, const std::set<std::string>& names) {
  for (const std::string& name : names) {
    const bool known = std::any_of(values.services.begin(), values.services.end(), [&](const ServiceValues& s) {
      return std::any_of(s.variables.begin(), s.variables.end(), [&](const SecretField& f) { return f.name == name; });
    });
    if (!known)
      return make_error(ErrorClass::usage, "No service has the variable " + in_quotes(name) + " with a value", "",
                        "`dso migrate --dry-run` lists them.");
  }
  return {};
}

VariableDecision decide(const std::string& service, const SecretField& variable, const MigrateChoice& choice) {
  VariableDecision out{service, variable.name, false, {}, {}};
  const VariableGuess guess = guess_variable(variable.name, variable.value.reveal());
  if (!is_env_name(variable.name))
    out.reason = "its name has more than letters, digits and '_'";
  else if (choice.leave.contains(variable.name))
    out.reason = "--leave names it";
  else if (is_reference(variable.value.reveal()) || variable.value.empty())
    out.reason = guess.reason;
  else if (choice.move.contains(variable.name)) {
    out.move = true;
    out.reason = "--variable names it";
  } else {
    out.move = guess.secret;
    out.reason = guess.reason;
  }
  return out;
}

}  // namespace

std::string migrated_secret(const MigrateChoice& choice, const std::string& service) {
  return choice.prefix + "/" + service;
}

Result<std::string> local_reference(const std::string& name, const Config& config) {
  DSO_TRY(const Reference plain, parse_reference(name, config));
  const ProviderInstance* instance = config.find_provider(plain.key.instance);
  if (plain.key.name == name && instance && instance->type == "local") return name;
  for (const ProviderInstance& p : config.providers)
    if (p.type == "local") return p.name + "/" + name;
  return make_error(ErrorClass::config, "Cannot refer to the local store", "the providers of " + config.file + " are other ones",
                    "Add `local: {type: local}` to its `providers:`.");
}

Result<std::vector<VariableDecision>> plan_migration(const ComposeValues& values, const MigrateChoice& choice,
                                                     const Config& config) {
  DSO_CHECK(check_prefix(choice.prefix));
  DSO_CHECK(check_names(values, choice.move));
  DSO_CHECK(check_names(values, choice.leave));
  std::vector<VariableDecision> out;
  for (const ServiceValues& service : values.services)
    for (const SecretField& variable : service.variables) {
      VariableDecision decision = decide(service.service, variable, choice);
      if (decision.move) {
        DSO_TRY(const std::string name, local_reference(migrated_secret(choice, service.service), config));
        decision.reference = "dso://" + name + "#" + variable.name;
      }
      out.push_back(std::move(decision));
    }
  return out;
}

}  // namespace dso
