// The variables of each service as `docker compose config --format json` says them: .env files, env_file and interpolation
// resolved by compose itself. Pure; values and JSON stay in secret memory.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/secret.h"

namespace dso {

struct ServiceValues {
  std::string service;
  std::vector<SecretField> variables;        ///< In order of name; those without a value are left out.
  std::vector<std::string> build_arguments;  ///< Names only.
  bool watched = false;                      ///< It has a label dso.reloader.
};
struct ComposeValues {
  std::string project;
  std::vector<ServiceValues> services;
};

/// Malformed when it is not compose's JSON.
Result<ComposeValues> compose_values(std::string_view json);

/// What a change of a compose file may have changed: a variable that became a reference, and the label of a service.
struct ExpectedChange {
  std::string service, variable;
  std::string reference;  ///< "dso://shop/api#DB_PASSWORD"
};
/// Where two answers of compose differ, as "services.api.command[1]", though all of `changes` were made and `labelled` services
/// got dso.reloader; empty: nowhere else, and there everywhere.
Result<std::string> unexpected_change(std::string_view before, std::string_view after, const std::vector<ExpectedChange>& changes,
                                      const std::vector<std::string>& labelled);

}  // namespace dso
