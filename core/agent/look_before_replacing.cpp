// One call for the changes, and one for each that counts by its path; of many the first are enough.
#include "agent/look_before_replacing.h"

#include <algorithm>

#include "agent/deadlines.h"
#include "docker/networks.h"
#include "logic/dependents.h"
#include "logic/rotation_flow.h"

namespace dso {
namespace {

/// So many empty folders are looked at one by one.
constexpr std::size_t kLooks = 32;

Result<std::string> written(const Engine& engine, const Container& c, const Deadline& d, const std::stop_token& stop) {
  DSO_TRY(const auto changes, engine.layer_changes(c.id, d, stop));
  std::vector<LayerChange> out;
  std::size_t looks = 0;
  for (const LayerChange& change : noteworthy_changes(changes, c)) {
    if (change.kind != LayerChange::Kind::removed && ++looks <= kLooks) {
      const auto entry = engine.layer_entry(c.id, change.path, d, stop);
      if (entry.has_error() && entry.error().cls == ErrorClass::not_found) continue;  // it is gone since
      if (entry.has_error()) return entry.error();
      if (!is_of_substance(change, *entry, c)) continue;
    }
    out.push_back(change);
  }
  return changes_text(out);
}

}  // namespace

ReplaceFacts look_before_replacing(const Engine& engine, const Container& c, std::stop_token stop) {
  const Deadline d = Deadline::in(kEngineDeadline);
  ReplaceFacts out;
  if (c.label_or(label::kLayer).empty()) {
    auto found = written(engine, c, d, stop);
    if (found.has_value())
      out.written = std::move(*found);
    else
      out.untold = found.error().cause;
  }
  for (const Endpoint& e : c.endpoints) {
    if (!e.static_ip && !c.static_mac) continue;
    const auto network = network_bridge(engine, e.network, d, stop);
    if (network.has_value() && network->bridge.empty()) out.unreachable = e.network;
  }
  return out;
}

std::string objection_to_replacing(ContainerTies& ties, Container c, std::stop_token stop) {
  const auto dependents = ties.dependents_of(c, Deadline::in(kPatientEngineDeadline), stop);
  if (dependents.has_error()) return "it is not known who depends on it: " + dependents.error().cause;
  if (const std::string obstacle = replace_obstacle(*dependents); !obstacle.empty())
    return obstacle + "; set the strategy auto or restart";
  c.replace_facts = look_before_replacing(ties.engine(), c, std::move(stop));
  const ReplaceLoss loss = replace_loss(c);
  return loss.what.empty() ? std::string() : loss.what + "; " + loss.cure;
}

StrategyChoice choose_after_look(ContainerTies& ties, const Config& config, const Scope& scope,
                                 const std::vector<SecretKey>& changed, Container& container, std::stop_token stop) {
  StrategyChoice choice = choose_strategy(config, scope, changed, container);
  if (choice.unseen && !container.dependents) {
    auto found = ties.dependents_of(container, Deadline::in(kEngineDeadline), stop);
    if (found.has_error()) {
      choice.refusal = "it is not known who depends on it: " + found.error().cause;
      return choice;
    }
    auto missing = find_missing_host(ties.engine(), container, Deadline::in(kEngineDeadline), stop);
    if (missing.has_error()) {
      choice.refusal = "it is not known whether it could start again: " + missing.error().cause;
      return choice;
    }
    container.dependents = std::move(*found);
    container.missing_host = std::move(*missing);
    choice = choose_strategy(config, scope, changed, container);
  }
  if (!choice.unseen) return choice;
  container.replace_facts = look_before_replacing(ties.engine(), container, std::move(stop));
  return choose_strategy(config, scope, changed, container);
}

void look_at_users(ContainerTies& ties, const Config& config, const ScopeState& desired, std::vector<Container>& users,
                   const std::stop_token& stop) {
  for (Container& c : users)
    if (const auto stale = stale_secrets(desired, c); c.opted_in() && has_process(c) && !stale.empty())
      (void)choose_after_look(ties, config, desired.scope, stale, c, stop);
}

}  // namespace dso
