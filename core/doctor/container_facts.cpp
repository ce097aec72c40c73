// One list for all, then one look at each that matters.
#include "doctor/container_facts.h"

#include <algorithm>

#include "agent/container_signals.h"
#include "agent/look_before_replacing.h"
#include "agent/seen_mount.h"
#include "base/clock.h"
#include "delivery/tmpfs_store.h"
#include "logic/health_log.h"
#include "logic/label_slips.h"
#include "logic/mounted_scopes.h"
#include "logic/own_labels.h"
#include "logic/resolve_targets.h"
#include "logic/rotation_names.h"
#include "logic/volume_options.h"

namespace dso {
namespace {

using VolumesOf = std::map<std::string, std::set<std::string>>;  // container id -> scopes of volumes

/// Nothing, and why in `unreadable`, where this user may not look.
std::optional<TmpfsStore> open_store(const Paths& paths, std::string& unreadable) {
  auto store = TmpfsStore::look(paths.run_paths());
  if (store.has_value()) return std::move(*store);
  unreadable = "this user may not read " + paths.run_paths().secrets_dir();
  return std::nullopt;
}

Result<VolumesOf> volumes_in_use(const Engine& engine, const std::vector<Scope>& scopes, const Deadline& d, std::stop_token s) {
  VolumesOf out;
  for (const Scope& scope : scopes) {
    if (!is_volume_scope(scope.id)) continue;
    DSO_TRY(const auto users, engine.list({{"volume", {volume_of_scope(scope)}}}, d, s));
    for (const Container& c : users) out[c.id].insert(scope.id);
  }
  return out;
}

bool plays_in_rotation(const Container& c) {
  return c.name.ends_with(candidate_name("")) || c.name.ends_with(old_name(""));
}

std::vector<DeliveryItem> wanted_by(const Config& config, const Container& c) {
  auto items = resolve_items(config, {c.name, c.label_or(label::kComposeService), c.labels});
  return items.has_value() ? std::move(*items) : std::vector<DeliveryItem>();
}

}  // namespace

Result<ContainersSeen> see_containers(const Config& config, const Paths& paths, const Engine& engine, const Deadline& deadline,
                                      std::stop_token stop) {
  ContainersSeen out;
  out.now_ms = unix_ms();
  out.run_dir = paths.run_dir;
  std::string unreadable;
  const auto store = open_store(paths, unreadable);
  if (store) out.known_scopes = store->known_scopes();
  DSO_TRY(const VolumesOf volumes, volumes_in_use(engine, out.known_scopes, deadline, stop));
  DSO_TRY(const auto listed, engine.list({}, deadline, stop));
  ContainerTies ties(engine, ContainerTies::Asks::once);
  std::vector<const Container*> by_name;
  for (const Container& c : listed) by_name.push_back(&c);
  std::sort(by_name.begin(), by_name.end(), [](const Container* a, const Container* b) { return a->name < b->name; });
  for (const Container* summary : by_name) {
    const Container& c = *summary;
    ContainerFacts facts;
    facts.wanted = wanted_by(config, c);
    facts.unreadable = unreadable;
    std::vector<std::string> scopes = mounted_scopes(c, paths.run_paths().secrets_dir());
    if (const auto mounted = volumes.find(c.id); mounted != volumes.end())
      scopes.insert(scopes.end(), mounted->second.begin(), mounted->second.end());
    const bool elsewhere = c.labels.contains(label::kScope);  // mounted from another agent's folders
    const bool asks = c.opted_in() || elsewhere || !labels_that_do_not_count(c).empty() || !label_slips(c.labels).empty();
    if (scopes.empty() && facts.wanted.empty() && !asks) continue;
    if (plays_in_rotation(c)) continue;  // gone in a moment; the agent ends what was left behind
    auto whole = engine.look_at_whole(c.id, deadline, stop);
    if (whole.has_error() && engine.passes_over(whole.error())) continue;  // gone since
    if (whole.has_error()) return whole.error();
    facts.container = std::move(whole->container);
    if (store) see_mount(facts.container, *store);
    if (facts.container.started_boot_ms > 0) {  // that number is the container's process here too
      ContainerSignals signals = signals_of(facts.container);
      facts.process = std::move(signals.first);
      facts.child = std::move(signals.child);
    }
    if (facts.container.healthcheck.defined()) facts.first_healthy_ms = first_healthy_ms(view(whole->text));
    for (const std::string& id : scopes)
      if (auto state = store ? store->read(id) : Result<ScopeState>(Error{}); state.has_value())
        facts.delivered.push_back(std::move(*state));
    if (const auto choice = strategy_of(config, facts); choice && choice->unseen) {
      if (auto found = ties.dependents_of(facts.container, deadline, stop); found.has_value())
        facts.container.dependents = std::move(*found);
      facts.container.replace_facts = look_before_replacing(engine, facts.container, stop);
    }
    out.containers.push_back(std::move(facts));
  }
  return out;
}

}  // namespace dso
