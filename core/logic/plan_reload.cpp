// The choice of a strategy, with its reason.
#include "logic/plan_reload.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <optional>

#include "logic/resolve_targets.h"

namespace dso {
namespace {

struct Named {
  std::string_view name;
  Strategy type;
};
constexpr Named kStrategies[] = {{"auto", Strategy::automatic},
                                 {"rolling", Strategy::rolling},
                                 {"restart", Strategy::restart},
                                 {"signal", Strategy::signal},
                                 {"none", Strategy::none}};

std::optional<Strategy> parse_strategy(std::string_view text) {
  for (const Named& n : kStrategies)
    if (n.name == text) return n.type;
  return std::nullopt;
}

/// Of several secrets that change together the one that needs most decides.
int rank(Strategy s) {
  switch (s) {
    case Strategy::none: return 0;
    case Strategy::signal: return 1;
    case Strategy::automatic: return 2;
    case Strategy::restart: return 3;
    case Strategy::rolling: return 4;
  }
  return 0;
}

const DeliveryItem* find_item(const Scope& scope, const SecretKey& key) {
  for (const DeliveryItem& item : scope.items)
    if (item.secret == key) return &item;
  return nullptr;
}

bool any_env(const Scope& scope, const std::vector<SecretKey>& keys) {
  return std::any_of(scope.items.begin(), scope.items.end(), [&](const DeliveryItem& item) {
    return item.inject.type == InjectType::env && std::find(keys.begin(), keys.end(), item.secret) != keys.end();
  });
}

std::string without_sig(const std::string& name) {
  std::string upper;
  for (char c : name) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  if (upper.starts_with("SIG")) upper.erase(0, 3);
  return upper;
}

void resolve_automatic(StrategyChoice& choice, bool env) {
  if (choice.type != Strategy::automatic) return;
  if (env) {
    choice.type = Strategy::restart;
    choice.reason += ": auto chose restart, since a running process's environment cannot change";
  } else if (!choice.signal.empty()) {
    choice.type = Strategy::signal;
    choice.reason += ": auto chose signal, since the secret is a file and a signal is set";
  } else {
    choice.type = Strategy::restart;
    choice.reason += ": auto chose restart, since no signal is set";
  }
}

void refuse_impossible(StrategyChoice& choice, bool env) {
  if (choice.type == Strategy::signal) {
    if (env)
      choice.refusal =
          "a running process's environment cannot change, so a signal would bring nothing; use the strategy restart, or deliver "
          "by file";
    else if (signal_number(choice.signal) == 0)
      choice.refusal =
          "there is no signal '" + choice.signal + "'; set the label dso.signal or reload_strategy.signal, for example to SIGHUP";
  } else if (choice.type == Strategy::rolling) {
    choice.refusal =
        "this version of DSO has no rolling updates yet; set the label dso.strategy (or reload_strategy.type) to restart, signal "
        "or none";
  }
}

}  // namespace

std::string applied_key(const SecretKey& key) {
  return key.instance + "/" + key.name;
}

std::string_view strategy_name(Strategy s) {
  for (const Named& n : kStrategies)
    if (n.type == s) return n.name;
  return "none";
}

int signal_number(const std::string& name) {
  const std::string upper = without_sig(name);
  for (int n = 1; n < NSIG; ++n)
    if (const char* abbreviation = sigabbrev_np(n); abbreviation && upper == abbreviation) return n;
  return 0;
}

std::vector<SecretKey> stale_secrets(const ScopeState& state, const Container& container) {
  std::vector<SecretKey> out;
  auto told = state.applied.find(container.id);
  for (const DeliveredSecret& d : state.delivered) {
    if (container.started_at_ms > d.delivered_at_ms) continue;
    if (told != state.applied.end()) {
      auto digest = told->second.find(applied_key(d.secret));
      if (digest != told->second.end() && digest->second == d.digest) continue;
    }
    out.push_back(d.secret);
  }
  return out;
}

StrategyChoice choose_strategy(const Config& config, const Scope& scope, const std::vector<SecretKey>& changed,
                               const Container& container) {
  StrategyChoice choice;
  choice.health_check_timeout = config.agent.health_check_timeout;
  const bool env = any_env(scope, changed);
  const std::string signal_label = container.label_or(label::kSignal);

  bool first = true;
  for (const SecretKey& key : changed) {
    const SecretConfig* entry = find_secret(config, key);
    const ReloadStrategy& wanted = entry ? entry->reload : config.agent.rotation;
    if (entry) choice.health_check_timeout = std::max(choice.health_check_timeout, entry->health_check_timeout);
    if (!find_item(scope, key) || (!first && rank(wanted.type) <= rank(choice.type))) continue;
    first = false;
    choice.type = wanted.type;
    choice.signal = wanted.signal;
    choice.reason = entry ? "reload_strategy of '" + key.name + "'" : "agent.rotation";
  }
  if (const std::string text = container.label_or(label::kStrategy); !text.empty()) {
    choice.reason = "label " + std::string(label::kStrategy);
    if (auto labelled = parse_strategy(text)) {
      choice.type = *labelled;
      // A label that asks for auto without a signal label has no signal to mean.
      if (*labelled == Strategy::automatic) choice.signal.clear();
    } else {
      choice.type = Strategy::none;
      choice.refusal = "the label dso.strategy has '" + text + "', which is none of auto, rolling, restart, signal, none";
    }
  }
  if (!signal_label.empty()) choice.signal = signal_number(signal_label) ? "SIG" + without_sig(signal_label) : signal_label;
  resolve_automatic(choice, env);
  if (choice.refusal.empty()) refuse_impossible(choice, env);
  return choice;
}

}  // namespace dso
