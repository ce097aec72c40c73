// Stores, secrets and containers together: what a container should have is compared with what the stores have.
#include <set>

#include "agent/agent_status.h"
#include "agent/present_versions.h"
#include "doctor/container_facts.h"
#include "doctor/store_facts.h"
#include "doctor/topics.h"
#include "logic/doctor_row.h"

namespace dso {
namespace {

std::set<SecretKey> delivered_secrets(const ContainersSeen& seen) {
  std::set<SecretKey> out;
  for (const ContainerFacts& f : seen.containers)
    for (const ScopeState& state : f.delivered)
      for (const DeliveredSecret& d : state.delivered) out.insert(d.secret);
  return out;
}

/// One with a network of its own, from which the host's metadata service may be out of reach.
const Container* bridged(const ContainersSeen& seen) {
  for (const ContainerFacts& f : seen.containers)
    if (f.container.state == "running" && f.container.started_boot_ms > 0 && f.container.network_mode != "host" &&
        f.container.network_mode != "none")
      return &f.container;
  return nullptr;
}

}  // namespace

DoctorRows workload_rows(const DoctorScene& scene, const Deadline& d) {
  DoctorRows rows;
  if (scene.config_error || !scene.config.valid) {
    for (const char* check : {"store.provider", "secret.fetch", "container.delivery"})
      add_row(rows, DoctorLevel::info, check, {}, "not looked at: the config is not valid (dso validate)");
    return rows;
  }
  const Config& config = scene.config.config;
  std::optional<ContainersSeen> seen;
  std::string unseen = "the engine is none that DSO can use";
  if (scene.engine) {
    auto containers = see_containers(config, scene.paths, *scene.engine, d, scene.stop);
    if (containers.has_value())
      seen = std::move(*containers);
    else
      unseen = reason_of(containers.error());
  }
  Sources sources(config, scene.paths);
  append_rows(rows, doctor_stores(probe_stores(sources, seen ? bridged(*seen) : nullptr, d, scene.stop)));
  if (!seen) {
    add_row(rows, DoctorLevel::info, "container.delivery", {}, "not looked at: " + unseen);
    return rows;
  }
  seen->present = present_versions(sources, delivered_secrets(*seen), d, scene.stop);
  if (const auto& status = scene.agent.get(); status.has_value()) seen->agent = agent_work(*status);
  append_rows(rows, doctor_containers(config, *seen));
  return rows;
}

}  // namespace dso
