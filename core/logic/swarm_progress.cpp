// What the leader would do next says more than any state: nothing left to do, and the tasks of the present spec.
#include "logic/swarm_progress.h"

#include <algorithm>

#include "logic/swarm_index.h"

namespace dso {

Result<bool> has_versions(const SwarmView& view, const SwarmService& service, const SwarmWish& wish) {
  std::string kept;
  for (const SwarmStep& step : plan_swarm(view, wish)) {
    if (step.service_id != service.id) continue;
    if (step.kind != SwarmStep::Kind::keep) return false;
    kept = step.reason;
  }
  const SwarmIndex index(view);
  if (!kept.empty()) {  // once its tasks are those of before again, where Swarm sees to that
    if (!index.settled(service) && service.update_state != "paused") return false;
    return make_error(ErrorClass::unhealthy, "Cannot rotate service '" + service.name + "'", kept);
  }
  const auto known = [&](const std::string& id) { return index.by_id.contains(id); };
  if (!std::all_of(service.secret_ids.begin(), service.secret_ids.end(), known)) return false;  // made since, or taken away
  for (const SwarmSecret* secret : index.driven_of(service)) {
    const auto wanted = wish.versions.find(swarm_reference(*secret));
    if (wanted == wish.versions.end() || secret->label_or(label::kSwarmVersion) != wanted->second) return false;
  }
  return index.settled(service);
}

}  // namespace dso
