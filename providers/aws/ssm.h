// Parameters of the SSM Parameter Store, ten a call.
#pragma once
#include <string>
#include <vector>

#include "secrets_manager.h"

namespace aws {

class Ssm {
 public:
  explicit Ssm(Session& session) : session_(session) {}
  using Wanted = SecretsManager::Wanted;
  using What = SecretsManager::What;
  /// Answers all of them.
  void get(const std::vector<Wanted>& wanted, What what, dso::sdk::Answer& answer);

 private:
  void get_some(const std::vector<Wanted>& some, const std::string& region, What what, dso::sdk::Answer& answer);
  Session& session_;
};

/// "3@1700000000": the number alone begins again at 1 when a parameter is deleted and made anew. Pure.
std::string parameter_version(std::int64_t number, double modified);

}  // namespace aws
