// Names are compared by listing alone; a content is written only where its file is gone.
#include "delivery/mend.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/clock.h"
#include "delivery/folder_io.h"
#include "delivery/scope_folder.h"
#include "delivery/scope_registry.h"
#include "delivery/tmpfs_mount.h"
#include "logic/given_digest.h"
#include "logic/plan_delivery.h"
#include "logic/secret_json.h"

namespace dso::delivery {
namespace {

using Type = FolderEntry::Type;

bool is_inside(const FolderEntry& e) {
  return e.name.starts_with("..");
}

/// What a container would miss, or find though nobody delivered it.
std::string damage_in(int folder, const std::string& generation) {
  const std::string shown = current_generation(folder);
  if (shown.empty()) return "..data is gone";
  if (!has_generation(folder, shown)) return "..data leads nowhere";
  if (shown != generation) return {};  // a writer's way of being cut off
  const auto files = open_folder(folder, shown);
  if (files.has_error()) return shown + " is no folder";
  const std::vector<FolderEntry> there = entries(files->get());
  const auto is_file = [&](const std::string& name) {
    return std::any_of(there.begin(), there.end(), [&](const FolderEntry& e) { return e.name == name; });
  };
  for (const FolderEntry& e : there)
    if (link_target(folder, e.name).empty()) return e.name + " has no link";
  for (const FolderEntry& e : entries(folder)) {
    if (is_inside(e) || e.type == Type::folder) continue;  // (a folder is a place to mount another one)
    if (e.type != Type::link || link_target(folder, e.name) != "..data/" + e.name) return e.name + " is not of DSO";
    if (!is_file(e.name)) return e.name + " is gone";
  }
  return {};
}

/// What the scope delivers, by the values that it keeps.
struct Kept {
  std::map<SecretKey, SecretValue> values;
  DeliveryPlan plan;
};
Result<Kept> kept_of(int scope, const Scope& what, const std::string& generation) {
  Kept out;
  DSO_TRY(out.values, kept_values(scope, generation));
  DSO_TRY(out.plan, plan_of_values(what, out.values));
  return out;
}

/// The generation that the folders show, if they agree; else "".
std::string shown_generation(int scope) {
  std::set<std::string> shown;
  for (const std::string& name : mounted_folders(scope))
    if (const auto folder = open_folder(scope, name); folder.has_value()) shown.insert(current_generation(folder->get()));
  return shown.size() == 1 ? *shown.begin() : std::string();
}

/// From the scope's name and what it keeps. Delivered when its values were written, so that who started later has them.
Result<StoredState> state_anew(int scope, const TmpfsStore& store, const std::string& id) {
  StoredState out{shown_generation(scope), {}};
  DSO_TRY(out.state.scope, remembered_scope(store.paths().state_dir, id));
  DSO_TRY(const Kept kept, kept_of(scope, out.state.scope, out.generation));
  DSO_TRY(const SecretBytes key, store.digest_key());
  const auto given = given_digests(key.reveal(), kept.plan);
  struct stat st {};
  (void)fstatat(scope, values_name(out.generation).c_str(), &st, AT_SYMLINK_NOFOLLOW);
  const std::int64_t written = static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1000 + st.st_mtim.tv_nsec / 1'000'000;
  const std::int64_t age = std::max<std::int64_t>(unix_ms() - written, 0);
  for (const auto& [secret, value] : kept.values) {
    const auto digest = given.find(secret);
    out.state.delivered.push_back({secret, value.version, secret_digest(key.reveal(), value), written, boot_ms() - age,
                                   digest == given.end() ? std::string() : digest->second});
  }
  return out;
}

Result<void> put_back(int scope, const FolderContent& content, const std::string& generation) {
  DSO_TRY(const UniqueFd folder, make_folder(scope, content.name, 0755));
  {
    DSO_TRY(const UniqueFd files, make_folder(folder.get(), generation, 0755));
    for (const FolderEntry& e : entries(files.get()))
      if (std::none_of(content.files.begin(), content.files.end(), [&e](const FileContent& f) { return f.name == e.name; }))
        DSO_CHECK(remove_tree(files.get(), e.name, false));
    for (const FileContent& f : content.files)
      if (!exists(files.get(), f.name)) DSO_CHECK(write_new_file(files.get(), f.name, f.content, f.mode, f.owner));
  }
  return current_generation(folder.get()) == generation ? link_names(folder.get(), generation)
                                                        : switch_to(folder.get(), generation);
}

}  // namespace

std::string damage_of(int scope, const std::string& generation) {
  for (const std::string& name : mounted_folders(scope))
    if (const auto folder = open_folder(scope, name); folder.has_value())
      if (std::string found = damage_in(folder->get(), generation); !found.empty()) return name + "/" + found;
  return {};
}

Result<std::string> mend(TmpfsStore& store, const std::string& id) {
  DSO_CHECK(check_scope_id(id));
  DSO_TRY(const UniqueFd lock, store.lock(id));
  DSO_TRY(const UniqueFd root, open_tmpfs(store.paths().secrets_dir()));
  DSO_TRY(const UniqueFd scope, open_folder(root.get(), id));
  hold(scope.get(), LOCK_EX);
  auto stored = stored_state(scope.get(), kState);
  std::string found;
  if (stored.has_error()) {
    found = std::string(kState) + (stored.error().cls == ErrorClass::not_found ? " is gone" : ": " + stored.error().cause);
    stored = state_anew(scope.get(), store, id);
    if (stored.has_error()) return stored.error();
    DSO_CHECK(replace_text_file(scope.get(), kState, state_to_json(*stored)));
  }
  const std::string damage = damage_of(scope.get(), stored->generation);
  if (damage.empty()) return found;
  DSO_TRY(const Kept kept, kept_of(scope.get(), stored->state.scope, stored->generation));
  const SecretBuffer env = env_file(kept.plan);
  for (const FolderContent& c : arrange(stored->state.scope, kept.plan, view(env), mounted_folders(scope.get())))
    DSO_CHECK(put_back(scope.get(), c, stored->generation));
  return found.empty() ? damage : found;
}

}  // namespace dso::delivery
