// Delivers a scope: fetches its secrets, plans files and variables, writes them to tmpfs, says what to mount. The one path by
// which `run`, `up` and the agent put a secret where a container reads it.
#pragma once
#include <map>
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

/// Fetches, writes and switches, under the scope's lock; all or nothing: an error leaves the scope as it was.
Result<Delivered> deliver_scope(const Scope& scope, Sources& sources, TmpfsStore& store, const Deadline& deadline,
                                std::stop_token stop);

/// The values of a scope at one moment, with what to record of them.
struct FetchedScope {
  std::map<SecretKey, SecretValue> values;
  std::vector<DeliveredSecret> delivered;  ///< delivered_at_ms unset.
};
/// What was leased for it goes to a container, and must outlive this process.
void keep_lease(Sources& sources, const SecretKey& key, const Deadline& deadline);
enum class FetchFor { delivery, look };
/// Every secret of the scope or an error; `pinned` gives the version to ask for where not the current one.
Result<FetchedScope> fetch_scope(const Scope& scope, Sources& sources, std::string_view digest_key,
                                 const std::map<SecretKey, std::string>& pinned, const Deadline& deadline, std::stop_token stop,
                                 FetchFor what_for = FetchFor::delivery);
/// The plan borrows from `fetched`.
Result<DeliveryPlan> plan_fetched(const Scope& scope, const FetchedScope& fetched);

}  // namespace dso
