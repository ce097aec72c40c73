// Delivers a scope without rotating it: takes the values from where they are to come from (logic/value_origin), plans files and
// variables, writes them to tmpfs, says what to mount. The one path by which `run`, `up`, a volume's mount and the refill put a
// secret where a container reads it; what changes a value under a process that lives is agent/reconcile alone.
#pragma once
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/sources.h"
#include "delivery/tmpfs_store.h"
#include "logic/value_origin.h"
#include "model/delivery.h"

namespace dso {

struct Delivered {
  std::vector<ScopeMount> mounts;  ///< Folders of files; /run/dso/env where there are variables.
  bool has_env = false;
  std::string shim_host_path;          ///< dso-init on the host, set when has_env.
  std::vector<std::string> env_names;  ///< Names only.
};

/// Written and switched under the scope's lock; all or nothing: an error leaves the scope as it was. `joined`: a scope that a
/// live process has, this one or another generation of it; then every value that lies there is taken as it is. Frozen and
/// held-back ones stay in any case. Empty: no such process. Where nothing is to change, nothing is written.
Result<Delivered> deliver_scope(const Scope& scope, Sources& sources, TmpfsStore& store, const Deadline& deadline,
                                std::stop_token stop, const std::string& joined = {});

/// The values of a scope at one moment, with what to record of them.
struct FetchedScope {
  std::map<SecretKey, SecretValue> values;
  std::vector<DeliveredSecret> delivered;  ///< delivered_at_ms and given unset.
};
/// What a scope keeps, where one of `origins` is the scope's; empty where none is, or it keeps nothing.
using KeptValues = std::map<SecretKey, SecretValue>;
KeptValues kept_values(const TmpfsStore& store, const std::string& scope_id, const std::map<SecretKey, ValueOrigin>& origins);
/// What was leased for it goes to a container, and must outlive this process.
void keep_lease(Sources& sources, const SecretKey& key, const Deadline& deadline);
enum class FetchFor { delivery, look };
/// Every secret of the scope or an error: those of `origins` that are the scope's from `kept`, the others from their stores, in
/// the version that is asked for where the store has it.
Result<FetchedScope> fetch_scope(const Scope& scope, Sources& sources, KeptValues kept, std::string_view digest_key,
                                 const std::map<SecretKey, ValueOrigin>& origins, const Deadline& deadline, std::stop_token stop,
                                 FetchFor what_for = FetchFor::delivery);
/// The plan borrows from `fetched`, which gets to know what is given of each secret.
Result<DeliveryPlan> plan_fetched(const Scope& scope, FetchedScope& fetched, std::string_view digest_key);
/// The same for an update of what lies in a scope. An error also where a file or a variable that its containers were given would
/// go away (a field was added to a secret of one value, or removed): their programs read it by that name.
Result<DeliveryPlan> plan_update(const ScopeState& before, FetchedScope& fetched, std::string_view digest_key);

}  // namespace dso
