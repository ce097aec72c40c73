// What to do about one scope: which containers still run an old value, by which strategy they are brought to the new one, and
// why. Pure; the reloader acts on it, `dso inspect` shows it.
#pragma once
#include <string>
#include <vector>

#include "model/config.h"
#include "model/container.h"
#include "model/delivery.h"
#include "model/rotation.h"

namespace dso {

/// "instance/name", the key of ScopeState::applied.
std::string applied_key(const SecretKey& key);

/// The secrets of the scope whose delivered value this container's process has not been told of. A process that started after
/// the delivery has read it by itself.
std::vector<SecretKey> stale_secrets(const ScopeState& state, const Container& container);

/// Its marks alone say that it was told of everything, however long it has run: nobody needs to look at it.
bool is_marked_told(const ScopeState& state, const std::string& container_id);

struct StrategyChoice {
  Strategy type = Strategy::none;  ///< Never `automatic`.
  std::string signal;
  std::string reason;      ///< "label dso.strategy", "secrets[].reload_strategy of 'myapp/db'", "agent.rotation", "auto: …".
  Flow flow = Flow::swap;  ///< Of a rolling update.
  std::string flow_reason;
  bool by_auto = false;  ///< Not what somebody asked for by name.
  /// Of a restart or a rolling update that nobody has looked into yet (Container::dependents, replace_facts): who depends on it,
  /// or what it would lose, is not known.
  bool unseen = false;
  std::string refusal;  ///< Not empty: this cannot be done, and why; the container stays as it is.
  std::chrono::milliseconds health_check_timeout{45000};
};
/// For the secrets `changed` together: the container's label first, then the strongest of the secrets' own strategies. The one
/// answer for `plan`, `up`, `doctor`, `inspect`, `status`, the log and the agent itself.
StrategyChoice choose_strategy(const Config& config, const Scope& scope, const std::vector<SecretKey>& changed,
                               const Container& container);

/// SIGHUP from "hup", "HUP", "SIGHUP"; 0 where there is no such signal.
int signal_number(const std::string& name);

std::string_view strategy_name(Strategy s);
/// "rolling", "signal SIGHUP".
std::string strategy_text(const StrategyChoice& choice);

}  // namespace dso
