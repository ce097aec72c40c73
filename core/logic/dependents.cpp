// A container's namespaces are named by the id of the one that has them; links by names, and a service by a label of Compose's.
#include "logic/dependents.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "logic/plan_rotation.h"
#include "logic/rotation_names.h"

namespace dso {
namespace {

using Tie = Dependent::Tie;

constexpr std::string_view kContainer = "container:";

bool is_of(const std::string& mode, const Container& target) {
  if (!mode.starts_with(kContainer)) return false;
  const std::string_view whose = std::string_view(mode).substr(kContainer.size());
  return whose == target.id || whose == target.name;
}

/// Of "/db:/web/alias".
std::string_view linked(std::string_view link) {
  if (link.starts_with('/')) link.remove_prefix(1);
  return link.substr(0, link.find(':'));
}

bool same_project(const Container& a, const Container& b) {
  const std::string project = a.label_or(label::kComposeProject);
  return !project.empty() && project == b.label_or(label::kComposeProject);
}

/// "db:service_healthy:true,cache:service_started:false" names the service with restart: true.
bool restarts_after(std::string_view depends_on, std::string_view service) {
  while (!depends_on.empty()) {
    const std::size_t comma = depends_on.find(',');
    const std::string_view entry = depends_on.substr(0, comma);
    if (entry.substr(0, entry.find(':')) == service && entry.ends_with(":true")) return true;
    depends_on = comma == std::string_view::npos ? std::string_view() : depends_on.substr(comma + 1);
  }
  return false;
}

bool is_namespace(Tie tie) {
  return tie == Tie::network || tie == Tie::pid || tie == Tie::ipc;
}

std::string tie_words(Tie tie, const std::string& of) {
  switch (tie) {
    case Tie::network: return "has the network of '" + of + "'";
    case Tie::pid: return "has the processes (pid namespace) of '" + of + "'";
    case Tie::ipc: return "has the shared memory (ipc namespace) of '" + of + "'";
    case Tie::link: return "is linked to '" + of + "'";
    case Tie::service: return "depends on '" + of + "' (restart: true)";
  }
  return {};
}

std::optional<Tie> tie_of(const Container& c, const Container& target) {
  if (is_of(c.network_mode, target)) return Tie::network;
  if (is_of(c.pid_mode, target)) return Tie::pid;
  if (is_of(c.ipc_mode, target)) return Tie::ipc;
  if (std::any_of(c.links.begin(), c.links.end(), [&](const std::string& l) { return linked(l) == target.name; }))
    return Tie::link;
  const std::string service = target.label_or(label::kComposeService);
  if (same_project(c, target) && !service.empty() && restarts_after(c.label_or(label::kComposeDependsOn), service))
    return Tie::service;
  return std::nullopt;
}

/// It died with the processes that it shared: of those nobody else ended it.
bool ended_with(const Container& c, const Container& target) {
  constexpr int kKilled = 137;
  constexpr std::int64_t kRestartTakesMs = 60'000;
  return c.state == "exited" && c.exit_code == kKilled && c.finished_at_ms >= target.started_at_ms - kRestartTakesMs;
}

bool takes_part(const Container& c, Tie tie, const Container& target) {
  const bool lives = has_process(c) || in_restart_loop(c) || (tie == Tie::pid && ended_with(c, target));
  return lives && c.label_or(label::kRole) != "stand-in";
}

}  // namespace

bool has_ties(const Container& c) {
  return c.network_mode.starts_with(kContainer) || c.pid_mode.starts_with(kContainer) || c.ipc_mode.starts_with(kContainer) ||
         !c.links.empty() || c.label_or(label::kComposeDependsOn).find(":true") != std::string::npos;
}

std::vector<Dependent> dependents_of(const Container& target, const std::vector<Container>& all) {
  struct Found {
    const Container* container;
    Dependent dependent;
  };
  std::vector<Found> found{{&target, {}}};
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const Container& c : all) {
      const Container& of = *found[i].container;
      const auto tie = tie_of(c, of);
      const auto is_c = [&c](const Found& f) { return f.container->id == c.id; };
      if (!tie || !takes_part(c, *tie, of) || (i > 0 && *tie == Tie::link) || std::any_of(found.begin(), found.end(), is_c))
        continue;
      const bool may_be_restarted = (c.opted_in() || same_project(c, target)) && !is_paused(c);
      found.push_back({&c, {c.id, c.name, *tie, of.name, i == 0, may_be_restarted}});
    }
  found.erase(found.begin());
  std::vector<Dependent> out;
  while (!found.empty()) {
    const auto waits = [&found](const Found& f) {
      return std::any_of(found.begin(), found.end(), [&f](const Found& other) {
        return other.container != f.container && tie_of(*f.container, *other.container);
      });
    };
    auto next = std::find_if_not(found.begin(), found.end(), waits);
    if (next == found.end()) next = found.begin();  // a circle, by Compose's labels alone
    out.push_back(std::move(next->dependent));
    found.erase(next);
  }
  return out;
}

std::vector<Host> hosts_of(const Container& c) {
  std::vector<Host> out;
  const auto namespace_of = [&](const std::string& mode, Tie tie) {
    if (mode.starts_with(kContainer)) out.push_back({mode.substr(kContainer.size()), tie});
  };
  namespace_of(c.network_mode, Tie::network);
  namespace_of(c.pid_mode, Tie::pid);
  namespace_of(c.ipc_mode, Tie::ipc);
  // in a network of the user's own a link is a name, and nobody has to be there
  if (c.network_mode.empty() || c.network_mode == "default" || c.network_mode == "bridge")
    for (const std::string& l : c.links) out.push_back({std::string(linked(l)), Tie::link});
  return out;
}

std::string missing_host(const Host& host, const Container* seen) {
  constexpr std::size_t kShortId = 12;
  if (seen && (seen->state == "running" || seen->state == "paused")) return {};
  const std::string name = seen ? seen->name : host.whom.size() > kShortId ? host.whom.substr(0, kShortId) : host.whom;
  return "it " + tie_words(host.tie, name) + ", which " + (seen ? "does not run" : "is gone") +
         ", so it could not be started again; " + (seen ? "start '" + name + "' first" : "create both anew");
}

std::string tie_text(const Dependent& d) {
  return "'" + d.name + "' " + tie_words(d.tie, d.of);
}

std::string replace_obstacle(const std::vector<Dependent>& dependents) {
  for (const Dependent& d : dependents)
    if (d.direct && d.tie != Tie::service) return tie_text(d) + ", so it could not be started again without that very container";
  return {};
}

std::string restart_obstacle(const std::vector<Dependent>& dependents) {
  for (const Dependent& d : dependents)
    if (is_namespace(d.tie) && !d.may_be_restarted)
      return tie_text(d) + ", would lose it, and may not be restarted after it (give '" + d.name +
             "' the label dso.reloader=true, and see that it is not paused)";
  return {};
}

std::vector<Dependent> to_restart(const std::vector<Dependent>& dependents) {
  std::vector<Dependent> out;
  for (const Dependent& d : dependents)
    if (d.tie != Tie::link && d.may_be_restarted) out.push_back(d);  // a linked one is told the new address by the engine
  return out;
}

}  // namespace dso
