// One small file a scope.
#include "delivery/scope_registry.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "base/file.h"
#include "base/log.h"
#include "delivery/folder_io.h"
#include "delivery/rotation_key.h"
#include "delivery/scope_json.h"
#include "delivery/steps.h"

namespace dso::delivery {
namespace {

constexpr std::size_t kMaxBytes = 4 << 20;
constexpr std::string_view kSuffix = ".json";

std::string path_of(const std::string& state_dir, const std::string& id) {
  return scopes_folder(state_dir) + "/" + id + std::string(kSuffix);
}

/// What a killed writer left beside the file that it was to replace.
void remove_leftovers(const std::string& folder, const std::string& prefix) {
  const UniqueFd at(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at) return;
  for (const FolderEntry& e : entries(at.get()))
    if (e.name.starts_with(prefix)) unlinkat(at.get(), e.name.c_str(), 0);
}

std::string judged_path(const std::string& state_dir, const std::string& id) {
  return state_dir + "/judged/" + id + std::string(kSuffix);
}

}  // namespace

std::string scopes_folder(const std::string& state_dir) {
  return state_dir + "/scopes";
}

bool is_scope_id(const std::string& id) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'; };
  return !id.empty() && id.size() <= 128 && id.front() != '.' && std::all_of(id.begin(), id.end(), fits);
}

Result<void> check_scope_id(const std::string& id) {
  if (is_scope_id(id)) return {};
  return Error{ErrorClass::invalid_request,
               "Cannot use the scope '" + id.substr(0, 128) + "'",
               "a scope's id is 1 to 128 of a-z, 0-9, '_', '.', '-', no dot first",
               {},
               {},
               {},
               {},
               {}};
}

Result<void> remember_scope(const std::string& state_dir, const Scope& scope) {
  const std::string text = scope_to_json(scope), path = path_of(state_dir, scope.id);
  if (auto there = read_text_file(path, kMaxBytes); there.has_value() && *there == text) return {};
  if (access(scopes_folder(state_dir).c_str(), F_OK) != 0) DSO_CHECK(make_rotation_key(state_dir));  // the first of this host
  DSO_CHECK(make_folders(scopes_folder(state_dir), 0700));
  DSO_CHECK(replace_file(path, text, 0600));
  step("remember");
  return {};
}

std::map<std::string, std::string> judged_versions(const std::string& state_dir, const std::string& id) {
  const auto text = read_text_file(judged_path(state_dir, id), kMaxBytes);
  if (text.has_error()) return {};
  auto versions = versions_from_json(*text);
  return versions.has_value() ? std::move(*versions) : std::map<std::string, std::string>();
}

Result<void> remember_judged(const std::string& state_dir, const std::string& id,
                             const std::map<std::string, std::string>& versions) {
  static std::mutex mutex;  // of the agent's threads; nobody else writes these
  const std::lock_guard lock(mutex);
  const std::string text = versions_to_json(versions), path = judged_path(state_dir, id);
  if (auto there = read_text_file(path, kMaxBytes); there.has_value() && *there == text) return {};
  DSO_CHECK(make_folders(state_dir + "/judged", 0700));
  remove_leftovers(state_dir + "/judged", id + std::string(kSuffix) + ".tmp-");
  DSO_CHECK(replace_file(path, text, 0600));
  step("judged");
  return {};
}

Result<void> forget_scope(const std::string& state_dir, const std::string& id) {
  const std::string path = path_of(state_dir, id), judged = judged_path(state_dir, id);
  if (unlink(judged.c_str()) != 0 && errno != ENOENT) return io_error("Cannot remove '" + judged + "'", errno);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return io_error("Cannot remove '" + path + "'", errno);
  step("forget");
  return {};
}

Result<Scope> remembered_scope(const std::string& state_dir, const std::string& id) {
  DSO_TRY(const std::string text, read_text_file(path_of(state_dir, id), kMaxBytes));
  return scope_from_json(text);
}

std::vector<Scope> remembered_scopes(const std::string& state_dir) {
  std::vector<Scope> out;
  UniqueFd folder(open(scopes_folder(state_dir).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return out;
  for (const FolderEntry& e : entries(folder.get())) {
    if (!e.name.ends_with(kSuffix)) continue;  // what a killed writer left beside
    const std::string id = e.name.substr(0, e.name.size() - kSuffix.size());
    const std::string path = path_of(state_dir, id);
    auto text = read_text_file(path, kMaxBytes);
    auto scope = text.has_error() ? Result<Scope>(text.error()) : scope_from_json(*text);
    if (scope.has_error())
      log::warn("Delivery", "Ignoring '" + path + "': " + scope.error().cause);
    else if (!is_scope_id(id) || scope->id != id)
      log::warn("Delivery", "Ignoring '" + path + "': it describes another scope");
    else
      out.push_back(std::move(*scope));
  }
  return out;
}

}  // namespace dso::delivery
