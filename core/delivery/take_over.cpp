// The key first, so that digests mean the same again; then a scope at a time, each under its lock.
#include "delivery/take_over.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <set>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "delivery/folder_io.h"
#include "delivery/scope_folder.h"
#include "delivery/scope_registry.h"
#include "delivery/tmpfs_mount.h"
#include "logic/given_digest.h"
#include "logic/lost_mount.h"
#include "logic/plan_reload.h"
#include "logic/secret_json.h"

namespace dso::delivery {
namespace {

constexpr std::size_t kLargestKey = 64;

using Values = std::map<SecretKey, SecretValue>;

Result<SecretBuffer> key_on(int root) {
  const UniqueFd fd(openat(root, kDigestKey, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return make_error(ErrorClass::not_found, "Cannot read the digest key", "there is none");
  return read_opened_secret(fd, kDigestKey, kLargestKey);
}

/// With another key: its digests, and the marks that are the same.
void digest_anew(ScopeState& state, const Values& values, const DeliveryPlan& plan, std::string_view key) {
  const auto given = given_digests(key, plan);
  for (DeliveredSecret& d : state.delivered) {
    const DeliveredSecret was = d;
    if (const auto value = values.find(d.secret); value != values.end()) d.digest = secret_digest(key, value->second);
    if (const auto digest = given.find(d.secret); digest != given.end()) d.given = digest->second;
    for (auto& [container, marks] : state.applied)
      if (const auto mark = marks.find(applied_key(d.secret)); mark != marks.end() && mark->second == given_digest(was))
        mark->second = given_digest(d);
  }
}

/// What somebody delivered here with a key of his own.
Result<void> translate(TmpfsStore& store, const std::string& id, std::string_view key) {
  DSO_TRY(const UniqueFd lock, store.lock(id));
  DSO_TRY(ScopeState state, store.read(id));
  DSO_TRY(const Values values, store.values(id));
  DSO_TRY(const DeliveryPlan plan, plan_of_values(state.scope, values));
  digest_anew(state, values, plan, key);
  return store.save_state(state);
}

Result<void> take_key(int lost, int root, TmpfsStore& store) {
  const auto old = key_on(lost), now = key_on(root);
  if (old.has_error() || (now.has_value() && view(*now) == view(*old))) return {};
  const std::string beside = std::string(kDigestKey) + "-" + random_hex(8);
  DSO_CHECK(write_new_file(root, beside, view(*old), 0600, {}));
  if (renameat(root, beside.c_str(), root, kDigestKey) != 0) return io_error("Cannot keep the digest key", errno);
  if (now.has_value())
    for (const std::string& id : store.list())
      if (auto done = translate(store, id, view(*old)); done.has_error()) log::warn("Delivery", render(done.error()));
  return {};
}

/// The folders that containers were made with and that nothing is delivered to now: all of them must be there for a start.
Result<void> make_empty_folders(int from, const Scope& scope, const DeliveryPlan& plan, const TmpfsStore& store) {
  std::set<std::string> filled;
  for (const PlannedFile& f : plan.files) filled.insert(host_folder(f.folder));
  if (!plan.env.empty()) filled.insert(kEnvFolder);
  DSO_TRY(const UniqueFd root, open_tmpfs(store.paths().secrets_dir()));
  DSO_TRY(const UniqueFd to, make_folder(root.get(), scope.id, 0700));
  for (const std::string& name : mounted_folders(from))
    if (!filled.contains(name)) DSO_CHECK(make_folder(to.get(), name, 0755));
  return {};
}

/// Writes a generation as it was; false: its values are not kept.
Result<bool> write_again(int from, const StoredState& stored, TmpfsStore& store) {
  const auto values = kept_values(from, stored.generation);
  if (values.has_error()) return false;
  DSO_TRY(const DeliveryPlan plan, plan_of_values(stored.state.scope, *values));
  DSO_CHECK(make_empty_folders(from, stored.state.scope, plan, store));
  DSO_CHECK(store.write(stored.state, plan, *values));
  return true;
}

/// False: its values are not kept.
Result<bool> take_scope(int lost, const std::string& id, TmpfsStore& store, ScopeState& state) {
  DSO_TRY(const UniqueFd from, open_folder(lost, id));
  DSO_TRY(const UniqueFd lock, store.lock(id));
  DSO_TRY(StoredState stored, stored_state(from.get(), kState));
  if (is_torn(from.get(), stored)) stored.state.delivered.clear();
  state = stored.state;
  if (auto there = store.read(id); there.has_value()) {
    join_marks(state, *there);
    DSO_CHECK(store.save_state(*there));
    return true;
  }
  if (state.delivered.empty()) return false;
  if (const auto previous = stored_state(from.get(), kPrevious); previous.has_value())
    DSO_CHECK(write_again(from.get(), *previous, store));
  return write_again(from.get(), stored, store);
}

}  // namespace

Result<std::vector<ScopeState>> take_over(int lost, TmpfsStore& store) {
  DSO_TRY(const UniqueFd root, open_tmpfs(store.paths().secrets_dir()));
  DSO_CHECK(take_key(lost, root.get(), store));
  std::vector<ScopeState> out;
  for (const FolderEntry& e : entries(lost)) {
    if (e.type != FolderEntry::Type::folder || !is_scope_id(e.name)) continue;
    ScopeState state;
    const auto taken = take_scope(lost, e.name, store, state);
    if (taken.has_error()) log::warn("Delivery", render(taken.error()));
    if ((taken.has_error() || !*taken) && !state.scope.id.empty()) out.push_back(std::move(state));
  }
  return out;
}

}  // namespace dso::delivery
