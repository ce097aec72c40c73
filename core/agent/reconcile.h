// Brings the containers of one scope to the newest values of their secrets: in place (files first, then signal, restart or
// nothing), or by a rolling update to the next generation of the scope. Whatever fails, the running containers keep the last good
// value. Level-triggered: it is told a scope, never a value.
#pragma once
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/asked_ends.h"
#include "agent/container_ties.h"
#include "agent/sources.h"
#include "delivery/tmpfs_store.h"
#include "docker/engine.h"
#include "docker/redirect.h"

namespace dso {

/// References must outlive what uses them.
struct ReloadTools {
  Sources& sources;
  TmpfsStore& store;
  const Engine& engine;
  const RedirectTable& redirects;
  const AskedEnds& asked_ends;
  ContainerTies& ties;
  /// Called when a container of a scope is monitored from now on (agent/monitor).
  std::function<void(const std::string& scope_id, const std::string& container_id)> monitoring;
};

struct ReconcileResult {
  std::string content;  ///< What was to be brought, as text that tells contents apart; empty: it did not come so far.
  bool failed = false;
  std::string service;         ///< Of the scope, for people.
  bool fetched = false;        ///< The stores gave its values.
  bool fetch_failed = false;   ///< They did not; `error` says why, and is not in the log yet.
  bool needs_place = false;    ///< A container is to be replaced, and `may_replace` was not given.
  bool replaces = false;       ///< Its containers were replaced, or were to be.
  bool gone = false;           ///< Nothing of the scope is on tmpfs, or nobody has it.
  bool held_back = false;      ///< The stores have a value that was rolled back.
  std::optional<Error> error;  ///< Why nothing was brought, where one error says it; in the log already, but for `fetch_failed`.
  std::vector<SecretKey> changed;      ///< Of the content, other than what was delivered.
  std::vector<std::string> brought;    ///< Names of the containers that were brought to it.
  std::vector<std::string> later;      ///< Of those that are paused: told when they run again.
  std::vector<std::string> not_there;  ///< Of those that do not run: their next start reads what is there.
};

/// Who wants it: the agent, which lets a container that just ended come back first (`docker restart`), or somebody who asked.
enum class ReconcileFor { poll, asked };

struct ReconcileTry {
  std::function<bool(const std::string& content)> may_try;  ///< Holds back a content that has just failed.
  ReconcileFor who = ReconcileFor::poll;
  bool may_replace = true;  ///< Else a scope whose containers are to be replaced is left as it is (`needs_place`).
};

ReconcileResult reconcile_scope(const ReloadTools& tools, const std::string& scope_id, const ReconcileTry& how,
                                std::stop_token stop);

}  // namespace dso
