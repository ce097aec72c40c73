// The scopes on tmpfs: writes a scope's files and env file, switches them atomically while containers read, keeps what was
// delivered beside them. The only code that puts a value into a file system, and it refuses any that is not tmpfs.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "delivery/state_cache.h"
#include "model/delivery.h"
#include "model/secret.h"

namespace dso {

struct RunPaths {
  std::string run_dir;    ///< DSO_RUN_DIR: <run_dir>/secrets is the tmpfs.
  std::string state_dir;  ///< DSO_STATE_DIR: names only.
  std::string secrets_dir() const { return run_dir + "/secrets"; }
};

/// What a write keeps for a way back.
enum class KeepForBack {
  replaced,  ///< What it replaces.
  earlier,   ///< What was kept already, where there is something: what is replaced has not proved good.
};

class TmpfsStore {
 public:
  /// Makes <run_dir>/secrets a tmpfs of its own (nosuid, nodev, noexec, 0700, 64 MiB, noswap where the kernel has it) if it
  /// is not one already. Refuses to go on when it cannot: never a disk.
  static Result<TmpfsStore> open(RunPaths paths);

  /// For who only looks: makes and mounts nothing. Without a tmpfs there nothing is delivered; an error where this user may not
  /// look.
  static Result<TmpfsStore> look(RunPaths paths);

  /// Writes `plan` for `state.scope` and switches to it, then records `state` (delivered, applied). Also persists the scope
  /// (names only) in the state dir. The generation before is kept until forget_previous or the next write. `values` are the
  /// secrets that the plan was made of, kept with the generation; a tmpfs that has no room for them does without.
  Result<void> write(const ScopeState& state, const DeliveryPlan& plan, const std::map<SecretKey, SecretValue>& values = {},
                     KeepForBack keep_for_back = KeepForBack::replaced);
  /// The secrets of the scope as they are delivered now. NotFound: not kept (no room, or delivered by an older version).
  Result<std::map<SecretKey, SecretValue>> values(const std::string& scope_id) const;
  /// Switches back to the generation before, if it is still there ("last good"), with the state it had; `amend` changes that in
  /// the same step. What lies there now.
  Result<ScopeState> restore_previous(const std::string& scope_id, const std::function<void(ScopeState&)>& amend = {});
  Result<void> forget_previous(const std::string& scope_id);
  /// Takes what earlier writes left for readers who were on their way out of the folders that containers see; the next write of
  /// the scope does it too. Not before kForReaders (delivery/generations.h) after a switch.
  Result<void> sweep_earlier(const std::string& scope_id);
  /// `told` hears the id of each scope that was switched by this store or a copy of it: something is left to sweep. Called on the
  /// thread that switched; set before another thread uses the store.
  void on_switch(std::function<void(const std::string& scope_id)> told) { *switched_ = std::move(told); }
  /// Records a state without touching the files.
  Result<void> save_state(const ScopeState& state);

  /// The bind mounts a container of this scope needs: a folder of `plan` each, "/run/dso/env" if it has env.
  std::vector<ScopeMount> mounts(const std::string& scope_id, const DeliveryPlan& plan) const;

  /// The sources of those mounts that the scope has now, whatever plan made them; none where it is not there.
  std::vector<std::string> mount_sources(const std::string& scope_id) const;

  /// What lies on tmpfs now; NotFound: nothing (after a reboot), though the scope may be known on disk.
  Result<ScopeState> read(const std::string& scope_id) const;
  /// The same, opened and parsed only where something changed since: for who asks again and again about every scope.
  Result<ScopeState> read_cached(const std::string& scope_id) const;
  Result<std::shared_ptr<const ScopeState>> shared_state(const std::string& scope_id) const;
  /// What is kept for that, of these scopes alone; how often a file was read nevertheless, for tests.
  void keep_cached(const std::set<std::string>& scope_ids) const { cache_->keep_only(scope_ids); }
  std::size_t cache_reads() const { return cache_->reads(); }
  std::vector<std::string> list() const;
  /// Containers work with what is delivered in `state` (its versions, on disk, for the refill after a reboot).
  Result<void> remember_judged(const ScopeState& state) const;
  /// "instance/name" -> version; of scopes that were never judged nothing.
  std::map<std::string, std::string> judged_versions(const std::string& scope_id) const;
  /// Scopes known on disk, for refilling after a reboot; cached.
  std::vector<Scope> known_scopes() const;
  std::shared_ptr<const std::vector<Scope>> shared_scopes() const;
  /// Wipes the scope on tmpfs and forgets it on disk. Safe to repeat.
  Result<void> remove(const std::string& scope_id);

  /// One writer a scope at a time, across processes; held while the descriptor lives.
  Result<UniqueFd> lock(const std::string& scope_id) const;

  /// HMAC key of this boot, made at the first use, on the tmpfs: digests mean nothing after a reboot.
  Result<SecretBytes> digest_key() const;

  const RunPaths& paths() const { return paths_; }

 private:
  explicit TmpfsStore(RunPaths paths) : paths_(std::move(paths)) {}
  void tell_switched(const std::string& scope_id) const;

  RunPaths paths_;
  std::shared_ptr<delivery::StateCache> cache_ = std::make_shared<delivery::StateCache>();
  std::shared_ptr<std::function<void(const std::string&)>> switched_ =
      std::make_shared<std::function<void(const std::string&)>>();
};

}  // namespace dso
