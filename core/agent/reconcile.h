// Brings the containers of one scope to the newest values of their secrets: in place (files first, then signal, restart or
// nothing), or by a rolling update to the next generation of the scope. Whatever fails, the running containers keep the last good
// value. Level-triggered: it is told a scope, never a value.
#pragma once
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

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
};

struct ReconcileResult {
  std::string content;  ///< What was to be brought, as text that tells contents apart; empty: it did not come so far.
  bool failed = false;
  bool gone = false;                   ///< Nothing of the scope is on tmpfs, or nobody has it.
  bool held_back = false;              ///< The stores have a value that was rolled back.
  std::optional<Error> error;          ///< Why nothing was brought, where one error says it; it is in the log already.
  std::vector<SecretKey> changed;      ///< Of the content, other than what was delivered.
  std::vector<std::string> brought;    ///< Names of the containers that were brought to it.
  std::vector<std::string> later;      ///< Of those that are paused: told when they run again.
  std::vector<std::string> not_there;  ///< Of those that do not run: their next start reads what is there.
};

/// Who wants it: the agent, which lets a container that just ended come back first (`docker restart`), or somebody who asked.
enum class ReconcileFor { poll, asked };

/// `may_try(content)` holds back a content that has just failed.
ReconcileResult reconcile_scope(const ReloadTools& tools, const std::string& scope_id,
                                const std::function<bool(const std::string&)>& may_try, ReconcileFor who, std::stop_token stop);

}  // namespace dso
