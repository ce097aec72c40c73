// Marks are digests: one of a value that is not there any more says by itself that its container has another.
#include "logic/lost_mount.h"

#include "logic/given_digest.h"

namespace dso {

void join_marks(const ScopeState& lost, ScopeState& now) {
  for (DeliveredSecret& d : now.delivered)
    if (const DeliveredSecret* was = find_delivered(lost.delivered, d.secret); was && same_given(*was, d)) {
      d.delivered_at_ms = was->delivered_at_ms;
      d.delivered_boot_ms = was->delivered_boot_ms;
    }
  const auto learn = [](auto& into, const auto& from) { into.insert(from.begin(), from.end()); };
  learn(now.applied, lost.applied);
  learn(now.refused, lost.refused);
  learn(now.refused_given, lost.refused_given);
  learn(now.restarting, lost.restarting);
  learn(now.last_rotation, lost.last_rotation);
  learn(now.monitored, lost.monitored);
  if (now.previous_scope.empty()) now.previous_scope = lost.previous_scope;
}

}  // namespace dso
