// What polling asks of each instance's store in a month, and what the store's list price makes of it: for `dso validate`.
// Pure: counts from the config what watcher and providers do while nothing changes and nothing fails; asks nobody.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"

namespace dso {

inline constexpr int kDaysOfAMonth = 30;

/// One service of a store; an instance of the kind aws may use two.
struct StoreCalls {
  std::string_view service;  ///< "AWS Secrets Manager"
  std::size_t secrets = 0;
  std::uint64_t calls = 0;            ///< In a month.
  bool at_least = false;              ///< What else the store holds may make it more.
  std::optional<double> usd = {};     ///< For the calls, in a month; unset: the store has no price a call.
  double kept_usd = 0;                ///< For keeping the secrets, whoever reads them.
  std::string_view explanation = {};  ///< What is asked, in a few words.
};

struct PollCost {
  std::string instance, type;
  std::size_t secrets = 0;              ///< That are polled: with rotation, each once.
  bool known = true;                    ///< False: what a drop-in's kind asks of its store is its own matter.
  std::vector<StoreCalls> stores = {};  ///< Empty for stores that are no service (local, file), and without secrets.
};

/// Every instance, in the config's order.
std::vector<PollCost> poll_costs(const Config& config);

/// Calls of one round of versions (or of values) at AWS Secrets Manager and SSM, for names as dso.yaml has them.
struct AwsCalls {
  std::uint64_t secrets_manager = 0, ssm = 0;
};
AwsCalls aws_calls(const std::vector<std::string>& names);
/// "ssm:/path", or the ARN of a parameter.
bool is_ssm_name(std::string_view name);

/// Reads and pages of the list that Key Vault gets in as many polls as the watcher needs to compare all values once; the list is
/// taken to hold these secrets and no other.
std::uint64_t key_vault_calls(std::size_t secrets, std::chrono::milliseconds interval);

}  // namespace dso
