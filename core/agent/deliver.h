// Delivers a scope: fetches its secrets, plans files and variables, writes them to tmpfs, says what to mount. The one path by
// which `run`, `up` and the agent put a secret where a container reads it.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "agent/sources.h"
#include "delivery/tmpfs_store.h"
#include "model/delivery.h"

namespace dso {

struct Delivered {
  std::vector<ScopeMount> mounts;  ///< Folders of files; /run/dso/env where there are variables.
  bool has_env = false;
  std::string shim_host_path;          ///< dso-init on the host, set when has_env.
  std::vector<std::string> env_names;  ///< Names only.
};

/// All or nothing: an error leaves the scope as it was.
Result<Delivered> deliver_scope(const Scope& scope, Sources& sources, TmpfsStore& store, const Deadline& deadline, std::stop_token stop);

}  // namespace dso
