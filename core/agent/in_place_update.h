// An update of containers in place: the files of the scope, then each container's signal or restart, then its health; back to the
// last good value where one does not get healthy. No lock is held while the engine works: "C restarts with this" is in the
// scope's state before the call and leaves it with the verdict, so that whoever comes after a kill -9 can end what was begun.
#pragma once
#include <stop_token>
#include <vector>

#include "agent/deliver.h"
#include "agent/reload_target.h"

namespace dso {

/// What one update is about. References must outlive it.
struct InPlaceChange {
  const ScopeState& before;        ///< What the scope has now.
  ScopeState next;                 ///< What it shall have.
  std::vector<SecretKey> changed;  ///< Of which containers are given something else. Empty: the files are there already.
  const FetchedScope& fetched;     ///< The values, and
  const DeliveryPlan& plan;        ///< the files and variables, of `next`.
};

/// Fills `brought`, `failed`, `error` of `result`.
void update_in_place(const ReloadTools& tools, InPlaceChange change, const std::vector<ReloadTarget>& targets,
                     ReconcileResult& result, std::stop_token stop);

/// Ends what an agent that died, or was stopped, left in the middle of a restart: waits for the health of those containers, and
/// brings the last good value back where one does not get healthy. True: nothing is left (or nothing was).
bool end_restarts(const ReloadTools& tools, const ScopeState& state, ReconcileResult& result, std::stop_token stop);

}  // namespace dso
