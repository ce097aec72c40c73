// The counting. The sizes of a batch are those of providers/aws and providers/azure, which cannot be included here: tests ask
// both the same cases (tests/unit/poll_cases.h). Prices: the stores' public lists, US regions.
#include "logic/poll_cost.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "logic/config_keys.h"
#include "logic/poll_rounds.h"
#include "logic/resolve_targets.h"

namespace dso {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kSecretsManagerBatch = 20, kSsmBatch = 10, kKeyVaultPage = 25, kKeyVaultOverdue = 25;
constexpr milliseconds kKeyVaultReadAgain = std::chrono::hours(1);
constexpr double kSecretsManagerCalls = 0.05, kKeyVaultCalls = 0.03;  // for ten thousand
constexpr double kSecretsManagerKept = 0.40;                          // a secret and month

std::uint64_t pieces(std::size_t whole, std::size_t of) {
  return (whole + of - 1) / of;
}

/// arn:PARTITION:SERVICE:REGION:…; "" for what is no ARN.
std::string_view arn_part(std::string_view name, int part) {
  if (!name.starts_with("arn:")) return {};
  for (; part > 0; --part) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos) return {};
    name.remove_prefix(colon + 1);
  }
  return name.substr(0, name.find(':'));
}
constexpr int kArnService = 2, kArnRegion = 3;

/// As often as the watcher does it: `versions` a round, and every so many rounds `values` instead.
template <class Versions, class Values>
double in_a_cycle(Versions versions, Values values) {
  return (kWholeCompareEvery - 1) * static_cast<double>(versions) + static_cast<double>(values);
}

double cycles_a_month(milliseconds interval) {
  const milliseconds month = std::chrono::hours(24) * kDaysOfAMonth;
  return static_cast<double>(month.count()) / static_cast<double>(interval.count()) / kWholeCompareEvery;
}

/// Each piece is asked by itself.
AwsCalls aws_round(const std::vector<std::string>& names, std::size_t at_once) {
  AwsCalls out;
  for (std::size_t at = 0; at < names.size(); at += at_once) {
    const auto first = names.begin() + static_cast<std::ptrdiff_t>(at);
    const AwsCalls piece = aws_calls({first, first + static_cast<std::ptrdiff_t>(std::min(at_once, names.size() - at))});
    out.secrets_manager += piece.secrets_manager;
    out.ssm += piece.ssm;
  }
  return out;
}

void add_aws(const std::vector<std::string>& names, double cycles, PollCost& cost) {
  const AwsCalls versions = aws_round(names, kVersionsAtOnce), values = aws_round(names, kFetchedAtOnce);
  const auto parameters = static_cast<std::size_t>(std::count_if(names.begin(), names.end(), is_ssm_name));
  const std::size_t secrets = names.size() - parameters;
  if (secrets > 0) {
    StoreCalls s{.service = "AWS Secrets Manager", .secrets = secrets, .explanation = "20 secrets a call"};
    s.calls = static_cast<std::uint64_t>(std::llround(cycles * in_a_cycle(versions.secrets_manager, values.secrets_manager)));
    s.usd = static_cast<double>(s.calls) * kSecretsManagerCalls / 10'000;
    s.kept_usd = static_cast<double>(secrets) * kSecretsManagerKept;
    cost.stores.push_back(s);
  }
  if (parameters > 0) {
    StoreCalls s{
        .service = "AWS Parameter Store", .secrets = parameters, .explanation = "10 parameters a call, standard throughput"};
    s.calls = static_cast<std::uint64_t>(std::llround(cycles * in_a_cycle(versions.ssm, values.ssm)));
    s.usd = 0;
    cost.stores.push_back(s);
  }
}

void add_key_vault(std::size_t secrets, milliseconds interval, double cycles, PollCost& cost) {
  StoreCalls s{.service = "Azure Key Vault", .secrets = secrets};
  s.calls = static_cast<std::uint64_t>(std::llround(cycles * static_cast<double>(key_vault_calls(secrets, interval))));
  s.usd = static_cast<double>(s.calls) * kKeyVaultCalls / 10'000;
  s.at_least = secrets > 1;
  s.explanation = secrets > 1 ? "the list of the whole vault, 25 a call, and now and then each secret" : "one read";
  cost.stores.push_back(s);
}

void add_vault(std::size_t secrets, double cycles, PollCost& cost) {
  StoreCalls s{.service = "Vault", .secrets = secrets, .explanation = "one read a secret"};
  s.calls = static_cast<std::uint64_t>(std::llround(cycles * in_a_cycle(secrets, secrets)));
  cost.stores.push_back(s);
}

/// In the watcher's order, each once; those that never change are not asked for.
std::vector<std::string> polled_names(const Config& config, const std::string& instance) {
  std::set<std::string> names;
  for (const SecretConfig& s : config.secrets) {
    if (s.provider != instance) continue;
    const SecretConfig* counts = find_secret(config, {instance, s.name});
    if (counts && counts->rotation) names.insert(s.name);
  }
  return {names.begin(), names.end()};
}

}  // namespace

bool is_ssm_name(std::string_view name) {
  return name.starts_with("ssm:") || arn_part(name, kArnService) == "ssm";
}

AwsCalls aws_calls(const std::vector<std::string>& names) {
  std::map<std::string, std::size_t> secrets, parameters;
  for (const std::string& name : names) {
    const std::string_view id = std::string_view(name).substr(name.starts_with("ssm:") ? 4 : 0);
    // without a region it is the instance's own; the provider asks each region by itself
    ++(is_ssm_name(name) ? parameters : secrets)[std::string(arn_part(id, kArnRegion))];
  }
  AwsCalls out;
  for (const auto& [region, count] : secrets) out.secrets_manager += pieces(count, kSecretsManagerBatch);
  for (const auto& [region, count] : parameters) out.ssm += pieces(count, kSsmBatch);
  return out;
}

std::uint64_t key_vault_calls(std::size_t secrets, milliseconds interval) {
  if (secrets <= 1) return secrets * kWholeCompareEvery;
  std::uint64_t calls = secrets;  // all values, once
  std::vector<milliseconds> unread(secrets, milliseconds(0));
  for (int round = 1; round < kWholeCompareEvery; ++round) {
    calls += pieces(secrets, kKeyVaultPage);
    for (milliseconds& since : unread) since += interval;
    for (std::size_t at = 0; at < secrets; at += kVersionsAtOnce) {
      std::size_t overdue = kKeyVaultOverdue;
      for (std::size_t i = at; i < std::min(secrets, at + kVersionsAtOnce) && overdue > 0; ++i) {
        if (unread[i] < kKeyVaultReadAgain) continue;
        unread[i] = milliseconds(0);
        ++calls;
        --overdue;
      }
    }
  }
  return calls;
}

std::vector<PollCost> poll_costs(const Config& config) {
  const milliseconds interval = config.agent.polling_interval;
  const double cycles = cycles_a_month(interval);
  std::vector<PollCost> out;
  for (const ProviderInstance& instance : config.providers) {
    PollCost cost{.instance = instance.name, .type = instance.type};
    const std::vector<std::string> names = polled_names(config, instance.name);
    cost.secrets = names.size();
    if (instance.type == "aws")
      add_aws(names, cycles, cost);
    else if (instance.type == "azure" && !names.empty())
      add_key_vault(names.size(), interval, cycles, cost);
    else if (instance.type == "vault" && !names.empty())
      add_vault(names.size(), cycles, cost);
    const auto ours = built_in_kinds();
    cost.known = names.empty() || std::find(ours.begin(), ours.end(), instance.type) != ours.end();
    out.push_back(std::move(cost));
  }
  return out;
}

}  // namespace dso
