// One rotation: which container, to which scope, how, and what is remembered while it lasts. Plain data of this folder.
#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "docker/engine.h"
#include "docker/redirect.h"
#include "model/delivery.h"
#include "model/rotation.h"

namespace dso {

/// References must outlive the rotation.
struct RotationTools {
  const Engine& engine;
  const RedirectTable& redirects;
};

struct RotationSubject {
  std::string service;             ///< The container's name.
  std::string replaces;            ///< The id of the container whose place is taken.
  std::string secrets_dir;         ///< Where scopes are: <run dir>/secrets.
  std::string wanted_scope;        ///< What its successor has mounted.
  std::string last_scope;          ///< The last good one.
  std::vector<ScopeMount> mounts;  ///< Of the wanted scope, dso-init's among them; those of the last one have the same names.
  std::string rotation_id;         ///< 16 hex digits.
  int generation = 1;
  Flow flow = Flow::swap;
  std::chrono::milliseconds health_check_timeout{45000};
  std::chrono::milliseconds drain_timeout{10000};
  bool resumed = false;  ///< Found at a start of the agent.
};

/// What a rotation knows beyond what the engine shows.
struct RotationMemory {
  std::map<std::string, MemberState> verdicts;  ///< By container id: what a wait found.
  bool back = false, stuck = false;
  std::optional<bool> redirected;  ///< Unset: not looked up yet.
  bool redirect_seen = false;      ///< Its rules were put by us, whole.
  std::optional<Error> cause;      ///< Why it goes back.
};

/// The labels that a container made for this rotation has besides those of the service.
std::map<std::string, std::string> rotation_labels(const RotationSubject& subject, bool stand_in, bool last_good);
/// `mounts` of the wanted scope with the folders of `scope_id` instead.
std::vector<ScopeMount> mounts_of_scope(const RotationSubject& subject, const std::string& scope_id);

}  // namespace dso
