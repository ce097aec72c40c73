// What tmpfs_store.cpp does to all folders of a scope at once, a folder at a time by generations.h.
#include "delivery/scope_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/digest.h"
#include "base/file.h"
#include "delivery/folder_io.h"
#include "delivery/kept_values.h"
#include "logic/delivery_names.h"
#include "logic/given_digest.h"
#include "logic/plan_delivery.h"
#include "logic/secret_json.h"

namespace dso::delivery {
namespace {

constexpr std::size_t kMaxState = 16 << 20;
constexpr std::size_t kMaxValues = 64 << 20;  // no more fits on the tmpfs
constexpr std::string_view kValues = "values-";

bool in_folder(int scope, const std::string& name, const std::string& generation) {
  const auto folder = open_folder(scope, name);
  return folder.has_value() && has_generation(folder->get(), generation);
}

/// It may leave the folders: what prepare_again needs is there.
bool can_be_written_again(int scope, const std::string& generation) {
  const auto previous = stored_state(scope, kPrevious);
  return previous.has_value() && previous->generation == generation && kept_content(scope, *previous).has_value();
}

}  // namespace

std::string host_folder(const std::string& container_folder) {
  return "files-" + sha256_hex(container_folder).substr(0, 16);
}

std::vector<std::string> mounted_folders(int scope) {
  std::vector<std::string> out;
  for (const FolderEntry& e : entries(scope))
    if (e.type == FolderEntry::Type::folder && (e.name == kEnvFolder || e.name.starts_with("files-"))) out.push_back(e.name);
  return out;
}

std::vector<FolderContent> arrange(const Scope& scope, const DeliveryPlan& plan, std::string_view env,
                                   const std::vector<std::string>& existing) {
  std::map<std::string, FolderContent> by_name;
  for (const std::string& name : existing) by_name[name].name = name;
  std::set<std::string> folders;
  for (const PlannedFile& f : plan.files) {
    FolderContent& folder = by_name[host_folder(f.folder)];
    folder.name = host_folder(f.folder);
    folder.files.push_back({f.name, f.content, f.mode, {f.uid, f.gid}});
    folders.insert(f.folder);
  }
  // The engine cannot make the mount point of a folder within a folder that is mounted read-only.
  for (const std::string& outer : folders)
    for (const std::string& inner : folders)
      if (is_below(inner, outer)) by_name[host_folder(outer)].mount_points.push_back(inner.substr(outer.size() + 1));
  // A container whose start goes through dso-init needs the file, even empty.
  if (!plan.env.empty() || by_name.contains(kEnvFolder)) {
    by_name[kEnvFolder].name = kEnvFolder;
    const auto reader = scope.user_uid ? scope.user_uid : scope.named_uid;
    by_name[kEnvFolder].files.push_back({"env", env, reader ? mode_t{0400} : mode_t{0444}, {reader, scope.user_gid}});
  }
  std::vector<FolderContent> out;
  for (auto& [name, folder] : by_name) out.push_back(std::move(folder));
  return out;
}

void hold(int scope, int how) {
  while (flock(scope, how) != 0 && errno == EINTR) {
  }
}

Result<StoredState> stored_state(int scope, const char* name) {
  DSO_TRY(const std::string text, read_text_file_at(scope, name, kMaxState));
  return state_from_json(text);
}

bool is_torn(int scope, const StoredState& stored) {
  for (const std::string& name : mounted_folders(scope)) {
    auto folder = open_folder(scope, name);
    if (folder.has_value() && current_generation(folder->get()) != stored.generation) return true;
  }
  return false;
}

Result<void> prepare_again(int scope, const StoredState& stored) {
  const auto folders = mounted_folders(scope);
  if (std::ranges::all_of(folders, [&](const std::string& name) { return in_folder(scope, name, stored.generation); })) return {};
  const auto kept = kept_content(scope, stored);
  if (kept.has_error()) return kept.error().cls == ErrorClass::not_found ? Result<void>() : Result<void>(kept.error());
  for (const FolderContent& c : kept->folders)
    if (exists(scope, c.name)) DSO_CHECK(prepare_again(scope, c, stored.generation));
  return {};
}

Result<void> settle(int scope, const StoredState& stored, bool all) {
  for (const std::string& name : mounted_folders(scope)) {
    DSO_TRY(const UniqueFd folder, open_folder(scope, name));
    if (current_generation(folder.get()) == stored.generation) {
      DSO_CHECK(link_names(folder.get(), stored.generation));  // a killed switch may have made half of them
      continue;
    }
    if (!has_generation(folder.get(), stored.generation)) {
      if (!all) continue;
      DSO_CHECK(make_folder(folder.get(), stored.generation, 0755));
    }
    DSO_CHECK(switch_to(folder.get(), stored.generation));
  }
  return {};
}

bool digest_values(const std::map<SecretKey, SecretValue>& values, const Scope& scope, std::string_view key,
                   std::vector<DeliveredSecret>& delivered) {
  const auto plan = plan_of_values(scope, values);
  if (plan.has_error()) return false;
  const auto given = given_digests(key, *plan);
  for (DeliveredSecret& d : delivered) {
    if (const auto value = values.find(d.secret); value != values.end()) d.digest = secret_digest(key, value->second);
    if (const auto digest = given.find(d.secret); digest != given.end()) d.given = digest->second;
  }
  return true;
}

std::string values_name(const std::string& generation) {
  return std::string(kValues) + generation;
}

void keep_values(int scope, const std::string& generation, const std::map<SecretKey, SecretValue>& values) {
  if (values.empty()) return;
  const std::string name = values_name(generation);
  const SecretBuffer bytes = encode_values(values);
  if (write_new_file(scope, name, view(bytes), 0600, {}).has_value()) return;
  (void)remove_tree(scope, name, true);
}

bool keeps_values(int scope) {
  const std::vector<FolderEntry> all = entries(scope);
  return std::any_of(all.begin(), all.end(), [](const FolderEntry& e) { return e.name.starts_with(kValues); });
}

Result<std::map<SecretKey, SecretValue>> kept_values(int scope, const std::string& generation) {
  const std::string name = values_name(generation);
  const UniqueFd fd(openat(scope, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return make_error(ErrorClass::not_found, "Cannot read the values that a scope keeps", "none are kept");
  DSO_TRY(const SecretBuffer bytes, read_opened_secret(fd, name, kMaxValues));
  return decode_values(view(bytes));
}

Result<KeptContent> kept_content(int scope, const StoredState& stored) {
  KeptContent out;
  DSO_TRY(out.values, kept_values(scope, stored.generation));
  DSO_TRY(out.plan, plan_of_values(stored.state.scope, out.values));
  out.env = env_file(out.plan);
  out.folders = arrange(stored.state.scope, out.plan, view(out.env), mounted_folders(scope));
  return out;
}

Result<void> sweep(int scope, const std::set<std::string>& keep, const std::string& never_shown) {
  for (const FolderEntry& e : entries(scope)) {
    const bool unused = e.name.starts_with(kValues) && !keep.contains(e.name.substr(kValues.size()));
    if (unused || e.name.starts_with(".new-")) DSO_CHECK(remove_tree(scope, e.name, unused));
  }
  std::set<std::string> stay;
  const auto folders = mounted_folders(scope);
  for (const std::string& generation : keep) {
    const bool shown = std::ranges::any_of(folders, [&](const std::string& name) { return in_folder(scope, name, generation); });
    if (shown && !can_be_written_again(scope, generation)) stay.insert(generation);
  }
  for (const std::string& name : folders) {
    DSO_TRY(const UniqueFd folder, open_folder(scope, name));
    DSO_CHECK(sweep_generations(folder.get(), stay, never_shown));
  }
  return {};
}

Result<void> prepare_all(int scope, const std::vector<FolderContent>& contents, const std::string& generation) {
  for (const FolderContent& c : contents) DSO_CHECK(prepare(scope, c, generation));
  return {};
}

Result<void> publish_all(int scope, const std::vector<FolderContent>& contents, const std::string& generation) {
  for (const FolderContent& c : contents) DSO_CHECK(publish(scope, c, generation));
  return {};
}

}  // namespace dso::delivery
