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

/// The generation that the folders show, if they agree; else "".
std::string shown_generation(int scope) {
  std::set<std::string> shown;
  for (const std::string& name : mounted_folders(scope))
    if (const auto folder = open_folder(scope, name); folder.has_value()) shown.insert(current_generation(folder->get()));
  return shown.size() == 1 ? *shown.begin() : std::string();
}

/// From the scope's name and what it keeps. Delivered when its values were written, so that who started later has them.
bool make_state_anew(int scope, const TmpfsStore& store, const std::string& id, StoredState& out) {
  out.generation = shown_generation(scope);
  auto known = remembered_scope(store.paths().state_dir, id);
  const auto values = kept_values(scope, out.generation);
  const auto key = store.digest_key();
  if (known.has_error() || values.has_error() || key.has_error()) return false;
  struct stat st {};
  (void)fstatat(scope, values_name(out.generation).c_str(), &st, AT_SYMLINK_NOFOLLOW);
  const std::int64_t written = static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1000 + st.st_mtim.tv_nsec / 1'000'000;
  const std::int64_t age = std::max<std::int64_t>(unix_ms() - written, 0);
  for (const auto& [secret, value] : *values)
    out.state.delivered.push_back({secret, value.version, {}, written, boot_ms() - age, {}});
  out.state.scope = std::move(*known);
  return digest_values(*values, out.state.scope, key->reveal(), out.state.delivered) &&
         replace_text_file(scope, kState, state_to_json(out)).has_value();
}

bool put_back(int scope, const FolderContent& content, const std::string& generation) {
  const auto folder = make_folder(scope, content.name, 0755);
  if (folder.has_error()) return false;
  const auto files = make_folder(folder->get(), generation, 0755);
  if (files.has_error()) return false;
  for (const FolderEntry& e : entries(files->get()))
    if (std::none_of(content.files.begin(), content.files.end(), [&e](const FileContent& f) { return f.name == e.name; }))
      (void)remove_tree(files->get(), e.name, false);
  for (const FileContent& f : content.files)
    if (!exists(files->get(), f.name) && write_new_file(files->get(), f.name, f.content, f.mode, f.owner).has_error())
      return false;
  return (current_generation(folder->get()) == generation ? link_names(folder->get(), generation)
                                                          : switch_to(folder->get(), generation))
      .has_value();
}

}  // namespace

std::string damage_of(int scope, const std::string& generation) {
  for (const std::string& name : mounted_folders(scope))
    if (const auto folder = open_folder(scope, name); folder.has_value())
      if (std::string found = damage_in(folder->get(), generation); !found.empty()) return name + "/" + found;
  return {};
}

std::string mend(TmpfsStore& store, const std::string& id) {
  const auto lock = store.lock(id);
  const auto root = open_tmpfs(store.paths().secrets_dir());
  if (lock.has_error() || root.has_error()) return {};
  const auto folder = open_folder(root->get(), id);
  if (folder.has_error()) return {};
  const int scope = folder->get();
  hold(scope, LOCK_EX);
  StoredState state;
  std::string found;
  if (auto stored = stored_state(scope, kState); stored.has_value()) {
    state = std::move(*stored);
  } else {
    found = std::string(kState) + (stored.error().cls == ErrorClass::not_found ? " is gone" : ": " + stored.error().cause);
    if (!make_state_anew(scope, store, id, state)) return {};
  }
  const std::string damage = damage_of(scope, state.generation);
  if (damage.empty()) return found;
  const auto kept = kept_content(scope, state);
  if (kept.has_error()) return {};
  for (const FolderContent& c : kept->folders)
    if (!put_back(scope, c, state.generation)) return {};
  return found.empty() ? damage : found;
}

}  // namespace dso::delivery
