// The order of changes that keeps every scope whole, whatever happens between two of them:
//   prepare (nobody sees it), remember the scope on disk, keep the state as previous, switch each folder, new state, sweep.
// state.json names the generation it describes, so a scope caught between two switches is recognised, and brought back first.
#include "delivery/tmpfs_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "delivery/env_shim.h"
#include "delivery/folder_io.h"
#include "delivery/mend.h"
#include "delivery/scope_folder.h"
#include "delivery/scope_hold.h"
#include "delivery/scope_registry.h"
#include "delivery/steps.h"
#include "delivery/tmpfs_mount.h"
#include "logic/given_names.h"
#include "logic/plan_delivery.h"
#include "logic/plan_reload.h"

namespace dso {
namespace {

using namespace delivery;

constexpr const char* kGone = ".gone-";
constexpr int kLockWaitMs = 30000;

std::string lock_path(const RunPaths& paths, const std::string& id) {
  return paths.run_dir + "/locks/" + id + ".lock";
}

Error nothing_there(const std::string& id, std::string cause) {
  return Error{ErrorClass::not_found, "Cannot read the scope '" + id + "'", std::move(cause), {}, {}, {}, {}, {}};
}

struct OpenScope {
  UniqueFd root, folder;
};

Result<OpenScope> open_scope(const RunPaths& paths, const std::string& id) {
  DSO_CHECK(check_scope_id(id));
  DSO_TRY(UniqueFd root, open_tmpfs(paths.secrets_dir()));
  auto folder = open_folder(root.get(), id);
  if (folder.has_error() && folder.error().cls == ErrorClass::not_found)
    return nothing_there(id, "nothing was delivered since the host started");
  if (folder.has_error()) return folder.error();
  return OpenScope{std::move(root), std::move(*folder)};
}

}  // namespace

Result<TmpfsStore> TmpfsStore::open(RunPaths paths) {
  DSO_CHECK(make_folders(paths.run_dir, 0711));  // as the agent and the units make it
  DSO_CHECK(make_folders(paths.run_dir + "/locks", 0700));
  DSO_CHECK(make_folders(paths.state_dir, 0755));
  DSO_TRY(const UniqueFd lock, lock_file(paths.run_dir + "/locks/.mount", 30000));
  DSO_CHECK(ensure_tmpfs(paths.secrets_dir()));
  DSO_TRY(const UniqueFd root, open_tmpfs(paths.secrets_dir()));
  struct stat st {};
  if (fstat(root.get(), &st) != 0) return io_error("Cannot open '" + paths.secrets_dir() + "'", errno);
  if (st.st_uid != geteuid())
    return Error{ErrorClass::io,
                 "Cannot keep secrets in '" + paths.secrets_dir() + "'",
                 "it belongs to uid " + std::to_string(st.st_uid),
                 "Use a DSO_RUN_DIR of your own.",
                 {},
                 {},
                 {},
                 {}};
  // The engine is root and looks the folder up once, at mount time: nobody else has to get through.
  if ((st.st_mode & 07777) != 0700 && fchmod(root.get(), 0700) != 0)
    return io_error("Cannot close '" + paths.secrets_dir() + "' to others", errno);
  for (const FolderEntry& e : entries(root.get()))
    if (e.name.starts_with(kGone)) DSO_CHECK(remove_tree(root.get(), e.name, true));
  return TmpfsStore(std::move(paths));
}

Result<TmpfsStore> TmpfsStore::look(RunPaths paths) {
  const std::string folder = paths.secrets_dir();
  if (access(folder.c_str(), R_OK | X_OK) != 0 && errno != ENOENT) return io_error("Cannot look at '" + folder + "'", errno);
  return TmpfsStore(std::move(paths));
}

Result<void> TmpfsStore::write(const ScopeState& state, const DeliveryPlan& plan, const std::map<SecretKey, SecretValue>& values,
                               KeepForBack keep_for_back) {
  const std::string& id = state.scope.id;
  DSO_CHECK(check_scope_id(id));
  DSO_TRY(const UniqueFd root, open_tmpfs(paths_.secrets_dir()));
  DSO_TRY(const UniqueFd scope, make_folder(root.get(), id, 0700));
  hold(scope.get(), LOCK_EX);

  const auto before = stored_state(scope.get(), kState);
  if (before.has_error() && before.error().cls != ErrorClass::not_found)
    log::warn("Delivery", "The state of scope '" + id + "' is damaged and written anew: " + before.error().cause);
  if (before.has_value()) DSO_CHECK(settle(scope.get(), *before, false));
  std::set<std::string> keep, keep_later;
  const auto earlier = stored_state(scope.get(), kPrevious);
  const bool keeps_earlier = keep_for_back == KeepForBack::earlier && earlier.has_value();
  if (keeps_earlier)
    keep.insert(earlier->generation);
  else
    DSO_CHECK(remove_file(scope.get(), kPrevious));
  keep_later = keep;
  if (before.has_value()) keep.insert(before->generation);
  DSO_CHECK(sweep(scope.get(), keep));

  const std::string generation = new_generation();
  const SecretBuffer env = env_file(plan);
  const auto contents = arrange(state.scope, plan, view(env), mounted_folders(scope.get()));
  auto done = prepare_all(scope.get(), contents, generation);
  const bool prepared = done.has_value();
  if (done.has_value()) done = remember_scope(paths_.state_dir, state.scope);
  if (done.has_value() && before.has_value() && !keeps_earlier) {
    done = replace_text_file(scope.get(), kPrevious, state_to_json(*before));
    keep_later.insert(before->generation);
  }
  if (done.has_value()) done = publish_all(scope.get(), contents, generation);
  if (done.has_value()) {
    StoredState stored{generation, state};
    stored.state.given_names = given_names(plan);
    done = replace_text_file(scope.get(), kState, state_to_json(stored));
  }
  if (done.has_error()) {  // what readers see stays what it was
    if (before.has_value()) (void)settle(scope.get(), *before, false);
    if (!keeps_earlier) (void)remove_file(scope.get(), kPrevious);
    (void)sweep(scope.get(), keep, prepared ? std::string() : generation);
    return done;
  }
  keep_values(scope.get(), generation, values);  // last: the room is for what containers read
  keep_later.insert(generation);
  tell_switched(id);
  return sweep(scope.get(), keep_later);
}

Result<std::map<SecretKey, SecretValue>> TmpfsStore::values(const std::string& scope_id) const {
  DSO_TRY(const OpenScope scope, open_scope(paths_, scope_id));
  const int at = scope.folder.get();
  hold(at, LOCK_SH);
  DSO_TRY(const StoredState stored, stored_state(at, kState));
  if (is_torn(at, stored)) return nothing_there(scope_id, "its last delivery was interrupted");
  return kept_values(at, stored.generation);
}

Result<ScopeState> TmpfsStore::restore_previous(const std::string& scope_id, const std::function<void(ScopeState&)>& amend) {
  DSO_TRY(const OpenScope scope, open_scope(paths_, scope_id));
  const int at = scope.folder.get();
  hold(at, LOCK_EX);
  auto previous = stored_state(at, kPrevious);
  if (previous.has_error())
    return Error{ErrorClass::not_found,
                 "Cannot go back to the last good secrets of scope '" + scope_id + "'",
                 "no earlier delivery is kept",
                 {},
                 {},
                 {},
                 {},
                 {}};
  if (amend) {
    amend(previous->state);
    DSO_CHECK(replace_text_file(at, kPrevious, state_to_json(*previous)));
  }
  DSO_CHECK(prepare_again(at, *previous));
  DSO_CHECK(settle(at, *previous, true));
  DSO_CHECK(remember_scope(paths_.state_dir, previous->state.scope));
  if (renameat(at, kPrevious, at, kState) != 0) return io_error("Cannot restore the state of scope '" + scope_id + "'", errno);
  step("restored");
  tell_switched(scope_id);
  DSO_CHECK(sweep(at, {previous->generation}));
  return std::move(previous->state);
}

Result<void> TmpfsStore::forget_previous(const std::string& scope_id) {
  auto scope = open_scope(paths_, scope_id);
  if (scope.has_error()) return scope.error().cls == ErrorClass::not_found ? Result<void>() : Result<void>(scope.error());
  const int at = scope->folder.get();
  hold(at, LOCK_EX);
  const auto now = stored_state(at, kState);
  if (now.has_error()) return {};  // nothing whole to forget for; the next write cleans up
  DSO_CHECK(settle(at, *now, false));
  DSO_CHECK(remove_file(at, kPrevious));
  return sweep(at, {now->generation});
}

Result<void> TmpfsStore::sweep_earlier(const std::string& scope_id) {
  auto scope = open_scope(paths_, scope_id);
  if (scope.has_error()) return scope.error().cls == ErrorClass::not_found ? Result<void>() : Result<void>(scope.error());
  const int at = scope->folder.get();
  hold(at, LOCK_EX);
  const auto now = stored_state(at, kState), previous = stored_state(at, kPrevious);
  if (now.has_error() || is_torn(at, *now)) return {};  // the next write cleans up
  std::set<std::string> keep{now->generation};
  if (previous.has_value()) keep.insert(previous->generation);
  return sweep(at, keep);
}

void TmpfsStore::tell_switched(const std::string& scope_id) const {
  if (*switched_) (*switched_)(scope_id);
}

Result<void> TmpfsStore::save_state(const ScopeState& state) {
  DSO_TRY(const OpenScope scope, open_scope(paths_, state.scope.id));
  hold(scope.folder.get(), LOCK_EX);
  DSO_TRY(StoredState stored, stored_state(scope.folder.get(), kState));
  stored.state = state;
  return replace_text_file(scope.folder.get(), kState, state_to_json(stored));
}

std::vector<ScopeMount> TmpfsStore::mounts(const std::string& scope_id, const DeliveryPlan& plan) const {
  const std::string base = paths_.secrets_dir() + "/" + scope_id + "/";
  std::set<std::string> folders;
  for (const PlannedFile& f : plan.files) folders.insert(f.folder);
  std::vector<ScopeMount> out;
  for (const std::string& folder : folders) out.push_back({base + host_folder(folder), folder});
  if (!plan.env.empty()) out.push_back({base + kEnvFolder, kEnvFolderInContainer});
  return out;
}

std::vector<std::string> TmpfsStore::mount_sources(const std::string& scope_id) const {
  std::vector<std::string> out;
  const auto scope = open_scope(paths_, scope_id);
  if (scope.has_error()) return out;
  for (const std::string& folder : mounted_folders(scope->folder.get()))
    out.push_back(paths_.secrets_dir() + "/" + scope_id + "/" + folder);
  return out;
}

Result<ScopeState> TmpfsStore::read(const std::string& scope_id) const {
  DSO_TRY(const OpenScope scope, open_scope(paths_, scope_id));
  const int at = scope.folder.get();
  const auto is_whole = [at](const StoredState& s) { return !is_torn(at, s) && damage_of(at, s.generation).empty(); };
  auto stored = stored_state(at, kState);
  if (stored.has_error() || !is_whole(*stored)) {
    hold(at, LOCK_SH);  // a writer at work: its result counts
    stored = stored_state(at, kState);
  }
  if (stored.has_error()) {
    // Somebody's hand, since values are written after the state: containers have its folders, and it is not lost from sight.
    const bool was_whole = stored.error().cls != ErrorClass::not_found || keeps_values(at);
    auto known = was_whole ? remembered_scope(paths_.state_dir, scope_id) : Result<Scope>(stored.error());
    if (known.has_value()) {
      ScopeState nothing_known;
      nothing_known.scope = std::move(*known);
      return nothing_known;
    }
    if (stored.error().cls == ErrorClass::not_found) return nothing_there(scope_id, "its first delivery was not finished");
    return stored.error();
  }
  // A writer was killed between two switches, or somebody was at it: nobody can say what is delivered, so it is delivered again.
  if (!is_whole(*stored)) stored->state.delivered.clear();
  return std::move(stored->state);
}

Result<ScopeState> TmpfsStore::read_cached(const std::string& scope_id) const {
  DSO_TRY(const auto state, shared_state(scope_id));
  return ScopeState(*state);
}

Result<std::shared_ptr<const ScopeState>> TmpfsStore::shared_state(const std::string& scope_id) const {
  DSO_CHECK(check_scope_id(scope_id));
  return cache_->state(scope_id, paths_.secrets_dir() + "/" + scope_id, std::chrono::steady_clock::now(),
                       [&] { return read(scope_id); });
}

std::vector<std::string> TmpfsStore::list() const {
  std::vector<std::string> out;
  auto root = open_tmpfs(paths_.secrets_dir());
  if (root.has_error()) return out;
  for (const FolderEntry& e : entries(root->get())) {
    if (e.type != FolderEntry::Type::folder || !is_scope_id(e.name)) continue;
    auto scope = open_folder(root->get(), e.name);
    if (scope.has_value() && exists(scope->get(), kState)) out.push_back(e.name);
  }
  return out;
}

std::vector<Scope> TmpfsStore::known_scopes() const {
  return *shared_scopes();
}

std::shared_ptr<const std::vector<Scope>> TmpfsStore::shared_scopes() const {
  return cache_->scopes(scopes_folder(paths_.state_dir), std::chrono::steady_clock::now(),
                        [this] { return remembered_scopes(paths_.state_dir); });
}

Result<void> TmpfsStore::remember_judged(const ScopeState& state) const {
  std::map<std::string, std::string> versions;
  for (const DeliveredSecret& d : state.delivered)
    if (!d.version.empty()) versions.emplace(applied_key(d.secret), d.version);
  return delivery::remember_judged(paths_.state_dir, state.scope.id, versions);
}

std::map<std::string, std::string> TmpfsStore::judged_versions(const std::string& scope_id) const {
  return delivery::judged_versions(paths_.state_dir, scope_id);
}

Result<void> TmpfsStore::remove(const std::string& scope_id) {
  DSO_CHECK(check_scope_id(scope_id));
  DSO_CHECK(forget_scope(paths_.state_dir, scope_id));
  DSO_TRY(const UniqueFd root, open_tmpfs(paths_.secrets_dir()));
  const std::string gone = kGone + scope_id + "-" + random_hex(8);
  if (renameat(root.get(), scope_id.c_str(), root.get(), gone.c_str()) == 0) {
    step("gone");
    DSO_CHECK(remove_tree(root.get(), gone, true));
  } else if (errno != ENOENT) {
    return io_error("Cannot remove the scope '" + scope_id + "'", errno);
  }
  // The caller may hold this lock: whoever waits for it sees that the file is gone, and takes the new one (see lock).
  unlink(lock_path(paths_, scope_id).c_str());
  unlink(hold_path(paths_, scope_id).c_str());
  return {};
}

Result<UniqueFd> TmpfsStore::lock(const std::string& scope_id) const {
  DSO_CHECK(check_scope_id(scope_id));
  const std::string path = lock_path(paths_, scope_id);
  while (true) {
    DSO_TRY(UniqueFd fd, lock_file(path, kLockWaitMs));
    struct stat held {
    }, there{};
    if (fstat(fd.get(), &held) == 0 && stat(path.c_str(), &there) == 0 && held.st_ino == there.st_ino &&
        held.st_dev == there.st_dev)
      return fd;
  }
}

}  // namespace dso
