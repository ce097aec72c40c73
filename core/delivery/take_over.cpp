// The key first, so that digests mean the same again; then a scope at a time, each under its lock.
#include "delivery/take_over.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/digest.h"
#include "base/file.h"
#include "delivery/folder_io.h"
#include "delivery/scope_folder.h"
#include "delivery/scope_registry.h"
#include "delivery/tmpfs_mount.h"
#include "logic/given_digest.h"
#include "logic/lost_mount.h"
#include "logic/plan_delivery.h"
#include "logic/plan_reload.h"

namespace dso::delivery {
namespace {

constexpr std::size_t kLargestKey = 64;

Result<SecretBuffer> key_on(int root) {
  const UniqueFd fd(openat(root, kDigestKey, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return read_opened_secret(fd, kDigestKey, kLargestKey);
}

/// What somebody delivered here with a key of his own: its digests by `key`, and the marks that are the same.
void translate(TmpfsStore& store, const std::string& id, std::string_view key) {
  const auto lock = store.lock(id);
  auto state = store.read(id);
  const auto values = store.values(id);
  if (lock.has_error() || state.has_error() || values.has_error()) return;
  const std::vector<DeliveredSecret> before = state->delivered;
  if (!digest_values(*values, state->scope, key, state->delivered)) return;
  for (const DeliveredSecret& was : before)
    for (auto& [container, marks] : state->applied)
      if (const auto mark = marks.find(applied_key(was.secret)); mark != marks.end() && mark->second == given_digest(was))
        mark->second = given_digest(*find_delivered(state->delivered, was.secret));
  (void)store.save_state(*state);  // if not: the next poll takes it for changed
}

/// Everything that was noted by the old key means nothing by another one.
void take_key(int lost, int root, TmpfsStore& store) {
  const auto old = key_on(lost), now = key_on(root);
  if (old.has_error() || (now.has_value() && view(*now) == view(*old))) return;
  const std::string beside = std::string(kDigestKey) + "-" + random_hex(8);
  if (write_new_file(root, beside, view(*old), 0600, {}).has_error()) return;
  if (renameat(root, beside.c_str(), root, kDigestKey) != 0 || now.has_error()) return;
  for (const std::string& id : store.list()) translate(store, id, view(*old));
}

/// Writes a generation as it was; false: its values are not kept, or there is no room.
bool write_again(int from, int root, const StoredState& stored, TmpfsStore& store) {
  const auto values = kept_values(from, stored.generation);
  if (values.has_error()) return false;
  const auto plan = plan_of_values(stored.state.scope, *values);
  const auto to = make_folder(root, stored.state.scope.id, 0700);
  if (plan.has_error() || to.has_error()) return false;
  // The folders that containers were made with and that nothing is delivered to now: a start takes all of them.
  for (const std::string& name : mounted_folders(from)) {
    const auto delivered = [&](const PlannedFile& f) { return host_folder(f.folder) == name; };
    const bool filled =
        (name == kEnvFolder && !plan->env.empty()) || std::any_of(plan->files.begin(), plan->files.end(), delivered);
    if (!filled && make_folder(to->get(), name, 0755).has_error()) return false;
  }
  return store.write(stored.state, *plan, *values).has_value();
}

/// False: it has to come from its stores, and `state` is what was known of it.
bool take_scope(int lost, int root, const std::string& id, TmpfsStore& store, ScopeState& state) {
  const auto from = open_folder(lost, id);
  const auto lock = store.lock(id);
  if (from.has_error() || lock.has_error()) return false;
  const auto stored = stored_state(from->get(), kState);
  if (stored.has_error()) return false;
  state = stored->state;
  if (is_torn(from->get(), *stored)) state.delivered.clear();
  if (auto there = store.read(id); there.has_value()) {
    join_marks(state, *there);
    return store.save_state(*there).has_value();
  }
  if (state.delivered.empty()) return false;
  if (const auto previous = stored_state(from->get(), kPrevious); previous.has_value())
    (void)write_again(from->get(), root, *previous, store);
  return write_again(from->get(), root, *stored, store);
}

}  // namespace

std::vector<ScopeState> take_over(int lost, TmpfsStore& store) {
  std::vector<ScopeState> out;
  const auto root = open_tmpfs(store.paths().secrets_dir());
  if (root.has_error()) return out;
  take_key(lost, root->get(), store);
  for (const FolderEntry& e : entries(lost)) {
    if (e.type != FolderEntry::Type::folder || !is_scope_id(e.name)) continue;
    ScopeState state;
    if (!take_scope(lost, root->get(), e.name, store, state) && !state.scope.id.empty()) out.push_back(std::move(state));
  }
  return out;
}

}  // namespace dso::delivery
