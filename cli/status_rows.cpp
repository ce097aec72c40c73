// Joins what the engine lists, what lies on tmpfs and what the agent is at.
#include "status_rows.h"
#include "deadlines.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "agent/agent_status.h"
#include "agent/look_before_replacing.h"
#include "agent/seen_mount.h"
#include "delivery/tmpfs_store.h"
#include "logic/delivered_elsewhere.h"
#include "logic/mounted_scopes.h"
#include "logic/plan_reload.h"
#include "logic/rotation_names.h"
#include "logic/volume_options.h"
#include "swarm_output.h"

namespace dso::cli {
namespace {

constexpr const char* kCurrent = "current";

std::string strategy_of(const Config& config, const ScopeState& state, ContainerTies& ties, Container& c,
                        const std::stop_token& stop) {
  std::vector<SecretKey> all;
  for (const DeliveredSecret& d : state.delivered) all.push_back(d.secret);
  StrategyChoice choice = choose_after_look(ties, config, state.scope, all, c, stop);
  if (is_volume_scope(state.scope.id)) keep_in_place(choice);
  return strategy_text(choice) + (choice.refusal.empty() ? "" : " (impossible)");
}

/// What the container is in, in one of its scopes; the first that is not "current" counts.
std::string state_of(const ScopeState& scope, const Container& c, const AgentWork& at) {
  const std::string base = scope_base(scope.scope.id);
  return !c.opted_in()                      ? "not opted in"
         : at.rotating.contains(base)       ? "rotating"
         : at.failing.contains(base)        ? "failing: it keeps the last good value"
         : scope.restarting.contains(c.id)  ? "restarting: its health is not known yet"
         : !scope.refused.empty()           ? "held back: a value was rolled back"
         : !stale_secrets(scope, c).empty() ? "delivered, not told yet"
         : c.mount_lost                     ? kMountLost
                                            : kCurrent;
}

/// Of containers that another agent delivers to: what its label says, since their mounts are not ours.
std::string scope_of(const Container& c, const std::string& secrets_dir) {
  const std::string own = mounted_scope(c, secrets_dir);
  return own.empty() ? c.label_or(label::kScope) : own;
}

ContainerStatus row_of(const Config& config, const TmpfsStore& store, ContainerTies& ties, Container& c,
                       const std::set<std::string>& scopes, const AgentWork& at, const std::stop_token& stop) {
  ContainerStatus out;
  out.name = c.name;
  out.id = c.id;
  out.scope = scope_of(c, store.paths().secrets_dir());
  out.state = kCurrent;
  for (const std::string& id : scopes) {
    const auto state = store.read(id);
    if (state.has_error()) {
      const std::string elsewhere = id == out.scope ? delivered_elsewhere(c, store.paths().run_dir) : std::string();
      out.state = elsewhere.empty() ? "its secrets are not on tmpfs" : elsewhere;
      continue;
    }
    for (const DeliveredSecret& d : state->delivered) {
      out.secrets.push_back(d.secret.instance + "/" + d.secret.name);
      out.delivered_at_ms = std::max(out.delivered_at_ms, d.delivered_at_ms);
    }
    if (const auto last = state->last_rotation.find(c.id); last != state->last_rotation.end()) out.last_rotation = last->second;
    if (c.opted_in() && out.strategy.empty()) out.strategy = strategy_of(config, *state, ties, c, stop);
    if (out.state == kCurrent) out.state = state_of(*state, c, at);
  }
  if (out.strategy.empty()) out.strategy = "-";
  if (c.state != "running" && c.state != "paused") out.state = c.state;
  return out;
}

/// What the engine and the agent know of it, for who may not read the tmpfs.
ContainerStatus unread_row(const Container& c, const std::string& secrets_dir, const AgentWork& at) {
  ContainerStatus out{c.name, c.id, scope_of(c, secrets_dir), {}, "-", 0, {}, {}};
  const std::string base = scope_base(out.scope);
  out.state = c.state != "running" && c.state != "paused" ? c.state
              : at.rotating.contains(base)                ? "rotating"
              : at.failing.contains(base)                 ? "failing: it keeps the last good value"
                                                          : "its secrets are root's to see";
  return out;
}

}  // namespace

Result<std::vector<ContainerStatus>> container_rows(const Config& config, const Paths* paths, const std::string& secrets_dir,
                                                    const Engine& engine, const boost::json::object& agent,
                                                    std::stop_token stop) {
  std::map<std::string, std::set<std::string>> scopes_of;  // by container id
  DSO_TRY(const auto listed, engine.list({}, Deadline::in(kLookTime), stop));
  for (const Container& c : listed) {
    for (const std::string& id : mounted_scopes(c, secrets_dir)) scopes_of[c.id].insert(id);
    if (!delivered_elsewhere(c, secrets_dir.substr(0, secrets_dir.rfind('/'))).empty())
      scopes_of[c.id].insert(c.label_or(label::kScope));
  }
  std::vector<ContainerStatus> out;
  std::optional<TmpfsStore> store;
  if (paths) {
    DSO_TRY(store, TmpfsStore::look(paths->run_paths()));
  }
  for (const Scope& scope : store ? store->known_scopes() : std::vector<Scope>()) {
    if (!is_volume_scope(scope.id)) continue;
    DSO_TRY(const auto users, engine.list({{"volume", {volume_of_scope(scope)}}}, Deadline::in(kLookTime), stop));
    for (const Container& c : users) scopes_of[c.id].insert(scope.id);
  }
  const AgentWork at = agent_work(agent);
  ContainerTies ties(engine, ContainerTies::Asks::once);
  for (const auto& [id, scopes] : scopes_of) {
    auto whole = engine.look_at(id, Deadline::in(kLookTime), stop);
    if (whole.has_value() && store) see_mount(*whole, *store);
    if (whole.has_value())
      out.push_back(store ? row_of(config, *store, ties, *whole, scopes, at, stop) : unread_row(*whole, secrets_dir, at));
    else if (!engine.passes_over(whole.error()))  // gone since
      return whole.error();
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

Result<std::vector<ServiceStatus>> service_rows(const Engine& engine, std::stop_token stop) {
  std::vector<ServiceStatus> out;
  DSO_TRY(const std::optional<SwarmView> view, swarm_view(engine, stop));
  if (!view) return out;
  const SwarmIndex index(*view);
  for (const SwarmService& s : view->services)
    if (auto references = references_of(index, s); !references.empty())
      out.push_back({s.name, std::move(references), index.task_count(s), opted_in(s.labels), s.update_state});
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

}  // namespace dso::cli
