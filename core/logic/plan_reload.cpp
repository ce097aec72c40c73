// The choice of a strategy, with its reason.
#include "logic/plan_reload.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <optional>

#include "logic/config_signal.h"
#include "logic/dependents.h"
#include "logic/mounted_scopes.h"
#include "logic/resolve_targets.h"
#include "logic/rotation_flow.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

struct Named {
  std::string_view name;
  Strategy type;
};
constexpr Named kNamedStrategies[] = {{"auto", Strategy::automatic},
                                      {"rolling", Strategy::rolling},
                                      {"restart", Strategy::restart},
                                      {"signal", Strategy::signal},
                                      {"none", Strategy::none}};

std::optional<Strategy> parse_strategy(std::string_view text) {
  for (const Named& n : kNamedStrategies)
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

/// The kernel dates processes in ticks of 10 ms.
constexpr std::int64_t kTickMs = 10;

/// A process reads its secrets after it was made: PID 1 exists before the container's program is put in its place. So one of the
/// tick of the delivery has read what was delivered. By the clock that nobody can set, where both times are known by it.
bool has_read(const Container& c, const DeliveredSecret& d) {
  if (c.started_boot_ms > 0 && d.delivered_boot_ms > 0) return c.started_boot_ms >= d.delivered_boot_ms / kTickMs * kTickMs;
  return c.started_at_ms > d.delivered_at_ms;
}

std::string without_sig(const std::string& name) {
  std::string upper;
  for (char c : name) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  if (upper.starts_with("SIG")) upper.erase(0, 3);
  return upper;
}

/// Signal where it reaches the process, else rolling where nothing is lost by it, else restart.
void resolve_automatic(StrategyChoice& choice, bool env, bool lost, const std::string& obstacle, const ReplaceLoss& loss) {
  if (choice.type != Strategy::automatic) return;
  choice.by_auto = true;
  const std::string why = env ? "a running process's environment cannot change" : lost ? kMountLost : "no signal is set";
  if (!env && !lost && !choice.signal.empty()) {
    choice.type = Strategy::signal;
    choice.reason += ": auto chose signal, since the secret is a file and a signal is set";
  } else if (obstacle.empty() && loss.what.empty()) {
    choice.type = Strategy::rolling;
    choice.reason += ": auto chose rolling, since " + why;
  } else if (obstacle.empty()) {
    choice.type = Strategy::restart;
    choice.reason += ": auto chose restart, since by a rolling update " + loss.what;
  } else {
    choice.type = Strategy::restart;
    choice.reason += ": auto chose restart, since " + why + " and a rolling update is impossible: " + obstacle;
  }
}

void refuse_impossible(StrategyChoice& choice, bool env, const std::string& obstacle, const ReplaceLoss& loss) {
  if (choice.type == Strategy::signal) {
    if (env)
      choice.refusal =
          "a running process's environment cannot change, so a signal would bring nothing; use the strategy rolling or restart, "
          "or deliver by file";
    else if (signal_number(choice.signal) == 0)
      choice.refusal =
          "there is no signal '" + choice.signal + "'; set the label dso.signal or reload_strategy.signal, for example to SIGHUP";
  } else if (choice.type == Strategy::rolling && !obstacle.empty()) {
    choice.refusal = obstacle + "; set the label dso.strategy (or reload_strategy.type) to restart, signal, none or auto";
  } else if (choice.type == Strategy::rolling && !loss.what.empty()) {
    choice.refusal = loss.what + "; " + loss.cure + ", or the label dso.strategy=auto";
  }
}

}  // namespace

std::string applied_key(const SecretKey& key) {
  return key.instance + "/" + key.name;
}

std::string_view strategy_name(Strategy s) {
  for (const Named& n : kNamedStrategies)
    if (n.type == s) return n.name;
  return "none";
}

int signal_number(const std::string& name) {
  const std::string upper = without_sig(name);
  for (int n = 1; n < NSIG; ++n)
    if (const char* abbreviation = sigabbrev_np(n); abbreviation && upper == abbreviation) return n;
  return real_time_signal(upper);
}

namespace {

bool has_mark(const ScopeState& state, const std::string& container_id, const DeliveredSecret& d) {
  const auto told = state.applied.find(container_id);
  if (told == state.applied.end()) return false;
  const auto digest = told->second.find(applied_key(d.secret));
  // (an older version noted the digest of the whole)
  return digest != told->second.end() && (digest->second == given_digest(d) || digest->second == d.digest);
}

}  // namespace

bool is_marked_told(const ScopeState& state, const std::string& container_id) {
  return std::all_of(state.delivered.begin(), state.delivered.end(),
                     [&](const DeliveredSecret& d) { return has_mark(state, container_id, d); });
}

std::vector<SecretKey> stale_secrets(const ScopeState& state, const Container& container) {
  std::vector<SecretKey> out;
  for (const DeliveredSecret& d : state.delivered)
    if (!has_read(container, d) && !has_mark(state, container.id, d)) out.push_back(d.secret);
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
    const SecretConfig* entry = entry_of(config, key, facts_of(container));
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
  if (choice.signal.empty() && choice.type == Strategy::signal) choice.signal = "SIGHUP";
  if (!signal_label.empty()) choice.signal = signal_number(signal_label) ? "SIG" + without_sig(signal_label) : signal_label;
  const std::vector<Dependent> dependents = container.dependents.value_or(std::vector<Dependent>());
  std::string obstacle = rolling_obstacle(container);
  if (obstacle.empty()) obstacle = replace_obstacle(dependents);
  // What has its files by a volume of ours is not replaced (keep_in_place).
  const bool stays = is_volume_scope(scope.id);
  const ReplaceLoss loss = stays ? ReplaceLoss() : replace_loss(container);
  if (choice.type == Strategy::automatic || choice.type == Strategy::rolling) {
    if (const std::string problem = replace_label_problem(container); !problem.empty() && choice.refusal.empty())
      choice.refusal = problem + "; correct it";
  }
  resolve_automatic(choice, env, container.mount_lost, obstacle, loss);
  // A successor would borrow them from a container that is gone; and whose they are is not to wait for who borrows them.
  if (choice.type == Strategy::rolling && borrows_scope(container, scope.id)) {
    choice.type = Strategy::restart;
    choice.reason += ": restart in its place, since its secrets are another container's mounts (--volumes-from)";
  }
  // The files of a volume change in place (keep_in_place), but not those that it sees.
  if (choice.type == Strategy::rolling && container.mount_lost && is_volume_scope(scope.id)) {
    choice.type = Strategy::restart;
    choice.reason += std::string(": restart in its place, since ") + kMountLost;
  }
  if (choice.refusal.empty()) refuse_impossible(choice, env, obstacle, loss);
  if (choice.refusal.empty() && container.mount_lost && (choice.type == Strategy::signal || choice.type == Strategy::none))
    choice.refusal = std::string(kMountLost) + " (docker restart " + container.name +
                     "), or with the label dso.strategy (or reload_strategy.type) set to restart or rolling";
  if (choice.type == Strategy::restart && choice.refusal.empty() && !container.missing_host.empty())
    choice.refusal = container.missing_host + ", or set the label dso.strategy to signal or none";
  if (choice.type == Strategy::restart && choice.refusal.empty())
    if (const std::string cut_off = restart_obstacle(dependents); !cut_off.empty())
      choice.refusal = cut_off + "; or set the label dso.strategy to signal or none";
  choice.unseen = !container.dependents && (choice.type == Strategy::rolling || choice.type == Strategy::restart);
  if (choice.type == Strategy::rolling && choice.refusal.empty()) {
    const FlowChoice flow = choose_flow(container);
    choice.flow = flow.flow;
    choice.flow_reason = flow.reason;
    choice.unseen |= !stays && !container.replace_facts;
  }
  return choice;
}

std::string strategy_text(const StrategyChoice& choice) {
  return std::string(strategy_name(choice.type)) + (choice.type == Strategy::signal ? " " + choice.signal : "");
}

}  // namespace dso
