// A scope's folder on tmpfs: the mounted folders in it, and the states beside them, which no container sees. `scope` is its open
// descriptor everywhere; the caller decides the order of changes.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delivery/generations.h"
#include "delivery/scope_json.h"
#include "model/delivery.h"

namespace dso::delivery {

inline constexpr const char* kState = "state.json";
inline constexpr const char* kPrevious = "state.previous.json";  ///< The state of the generation before, while it is kept.
inline constexpr const char* kEnvFolder = "env";
/// Beside the scopes: the key of their digests.
inline constexpr const char* kDigestKey = ".digest-key";

/// The name, within the scope, of the folder that is mounted at `container_folder`: the same at every write.
std::string host_folder(const std::string& container_folder);
/// The names of the folders that containers mount.
std::vector<std::string> mounted_folders(int scope);

/// What every folder of the scope is to hold: those of the plan, and, emptied, those that containers still mount. `env` is the
/// env file's content, borrowed.
std::vector<FolderContent> arrange(const Scope& scope, const DeliveryPlan& plan, std::string_view env,
                                   const std::vector<std::string>& existing);

/// flock on the scope, held while its files change; a killed process lets go of it.
void hold(int scope, int how);

/// NotFound: none; StoreCorrupt: not readable.
Result<StoredState> stored_state(int scope, const char* name);
/// True if some folder shows another generation than the state says: a writer is at work, or was killed there.
bool is_torn(int scope, const StoredState& stored);

/// The part of a write that nobody can see yet.
Result<void> prepare_all(int scope, const std::vector<FolderContent>& contents, const std::string& generation);
/// The switch, a folder after the other.
Result<void> publish_all(int scope, const std::vector<FolderContent>& contents, const std::string& generation);
/// What of `stored` a sweep has taken out of the folders is there again, for settle(). Nothing to do where its secrets are not
/// kept: then it has never been taken out.
Result<void> prepare_again(int scope, const StoredState& stored);
/// Brings every folder to the generation of `stored`; one that did not exist then keeps what it has, unless `all`.
Result<void> settle(int scope, const StoredState& stored, bool all);
/// Digests of `delivered` by `key`, where their values are there; false: they make no plan for `scope`.
bool digest_values(const std::map<SecretKey, SecretValue>& values, const Scope& scope, std::string_view key,
                   std::vector<DeliveredSecret>& delivered);
/// The name, within the scope, of the file in which a generation's secrets are kept.
std::string values_name(const std::string& generation);
/// The secrets of a generation, for the next who needs them. Without room for them there are none.
void keep_values(int scope, const std::string& generation, const std::map<SecretKey, SecretValue>& values);
/// Of any generation.
bool keeps_values(int scope);
/// NotFound: none are kept.
Result<std::map<SecretKey, SecretValue>> kept_values(int scope, const std::string& generation);
/// A generation's folders as they were delivered, made of the secrets that the scope keeps of it. `folders` points into the
/// others.
struct KeptContent {
  std::map<SecretKey, SecretValue> values;
  DeliveryPlan plan;
  SecretBuffer env;
  std::vector<FolderContent> folders;
};
/// NotFound: its secrets are not kept.
Result<KeptContent> kept_content(int scope, const StoredState& stored);
/// Removes everything in the scope that is neither current nor in `keep`, nor a state. What is in `keep` leaves the folders that
/// containers see as well, where its secrets are kept: whoever walks through a folder finds one value.
Result<void> sweep(int scope, const std::set<std::string>& keep, const std::string& never_shown = {});

}  // namespace dso::delivery
