// What the agent would do now, without doing it: `dso plan`. Asks the stores and the engine; changes nothing.
#pragma once
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/container_ties.h"
#include "agent/sources.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"
#include "logic/plan_rotation.h"

namespace dso {

struct ScopePreview {
  ScopeState state;                     ///< What lies on tmpfs.
  std::vector<SecretKey> changed;       ///< What the stores have otherwise.
  std::vector<SecretKey> unused;        ///< Of what they have otherwise only fields that nobody is given.
  bool held_back = false;               ///< They still have a value that was rolled back.
  std::optional<Error> error;           ///< The stores, or the engine about one of them: the containers keep what they have.
  std::vector<ContainerPlan> plans;     ///< Empty where nothing is to be done.
  std::vector<std::string> containers;  ///< Names of all that use it, opted in and running.
};

/// Every scope in use, by its service; `container` (a name or id, "" for all) leaves the others out. Errors: the engine is away.
Result<std::vector<ScopePreview>> preview_rotations(Sources& sources, const TmpfsStore& store, ContainerTies& ties,
                                                    const std::string& container, std::stop_token stop);

}  // namespace dso
