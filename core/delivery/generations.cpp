// Prepare, switch, sweep; each change followed by a step() for the tests that kill us there.
#include "delivery/generations.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>

#include "base/digest.h"
#include "delivery/folder_io.h"
#include "delivery/steps.h"

namespace dso::delivery {
namespace {

constexpr const char* kData = "..data";
constexpr const char* kDataBeside = "..data.new";
constexpr const char* kUnfinished = "..again";
constexpr mode_t kInside = 0755;  // any user of the container may look; the files have modes of their own

std::string unborn(const std::string& folder) {
  return ".new-" + folder;
}

Result<void> make_link(int at, const std::string& target, const std::string& name) {
  if (symlinkat(target.c_str(), at, name.c_str()) != 0)
    return io_error("Cannot make the link '" + name + "' on the secrets tmpfs", errno);
  step("symlink");
  return {};
}

Result<void> point_data_at(int folder, const std::string& generation) {
  DSO_CHECK(remove_file(folder, kDataBeside));
  DSO_CHECK(make_link(folder, generation, kDataBeside));
  if (renameat(folder, kDataBeside, folder, kData) != 0) return io_error("Cannot switch a folder on the secrets tmpfs", errno);
  step("flip");
  return {};
}

bool is_ours(const std::string& name) {
  return name.starts_with("..");
}

Result<void> make_mount_points(int folder, const std::vector<std::string>& relative) {
  for (const std::string& path : relative) {
    UniqueFd at;
    for (std::size_t from = 0; from < path.size();) {
      const std::size_t slash = std::min(path.find('/', from), path.size());
      DSO_TRY(at, make_folder(at ? at.get() : folder, path.substr(from, slash - from), kInside));
      from = slash + 1;
    }
  }
  return {};
}

Result<void> write_generation(int folder, const FolderContent& content, const std::string& generation) {
  DSO_TRY(const UniqueFd files, make_folder(folder, generation, kInside));
  for (const FileContent& f : content.files) DSO_CHECK(write_new_file(files.get(), f.name, f.content, f.mode, f.owner));
  return {};
}

/// The first sweep marks it, and one that comes after the time for readers removes it. Marked: the sticky bit, which nobody else
/// sets.
Result<bool> readers_have_left(int folder, const std::string& generation) {
  const auto failed = [] { return io_error("Cannot give up an earlier generation on the secrets tmpfs", errno); };
  struct stat st {};
  if (fstatat(folder, generation.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return failed();
  if (!S_ISDIR(st.st_mode)) return true;
  if ((st.st_mode & S_ISVTX) == 0) {
    if (fchmodat(folder, generation.c_str(), kInside | S_ISVTX, 0) != 0) return failed();
    step("give-up");
    return false;
  }
  const auto marked = std::chrono::seconds(st.st_ctim.tv_sec) + std::chrono::nanoseconds(st.st_ctim.tv_nsec);
  // a clock that was set back must not keep it for ever
  return std::chrono::abs(std::chrono::system_clock::now().time_since_epoch() - marked) >= kForReaders;
}

}  // namespace

Result<void> link_names(int folder, const std::string& generation) {
  DSO_TRY(const UniqueFd files, open_folder(folder, generation));
  std::set<std::string> names;
  for (const FolderEntry& e : entries(files.get())) names.insert(e.name);
  for (const FolderEntry& e : entries(folder)) {
    if (is_ours(e.name)) continue;
    const bool wanted = names.contains(e.name);
    if (e.type == FolderEntry::Type::folder ? wanted : !wanted) DSO_CHECK(remove_tree(folder, e.name, false));
  }
  for (const std::string& name : names)
    if (link_target(folder, name).empty()) DSO_CHECK(make_link(folder, std::string(kData) + "/" + name, name));
  return {};
}

std::string new_generation() {
  return "..g-" + random_hex(8);
}

Result<void> prepare(int scope, const FolderContent& content, const std::string& generation) {
  if (exists(scope, content.name)) {
    DSO_TRY(const UniqueFd folder, open_folder(scope, content.name));
    return write_generation(folder.get(), content, generation);
  }
  DSO_CHECK(remove_tree(scope, unborn(content.name), false));
  DSO_TRY(const UniqueFd folder, make_folder(scope, unborn(content.name), kInside));
  DSO_CHECK(write_generation(folder.get(), content, generation));
  DSO_CHECK(switch_to(folder.get(), generation));
  return make_mount_points(folder.get(), content.mount_points);
}

Result<void> prepare_again(int scope, const FolderContent& content, const std::string& generation) {
  DSO_TRY(const UniqueFd folder, open_folder(scope, content.name));
  if (has_generation(folder.get(), generation)) return {};
  DSO_CHECK(remove_tree(folder.get(), kUnfinished, false));
  DSO_CHECK(write_generation(folder.get(), content, kUnfinished));
  if (renameat(folder.get(), kUnfinished, folder.get(), generation.c_str()) != 0)
    return io_error("Cannot write an earlier generation again on the secrets tmpfs", errno);
  step("again");
  return {};
}

Result<void> publish(int scope, const FolderContent& content, const std::string& generation) {
  if (!exists(scope, content.name)) {
    if (renameat(scope, unborn(content.name).c_str(), scope, content.name.c_str()) != 0)
      return io_error("Cannot publish a folder on the secrets tmpfs", errno);
    step("publish");
    return {};
  }
  DSO_TRY(const UniqueFd folder, open_folder(scope, content.name));
  DSO_CHECK(switch_to(folder.get(), generation));
  return make_mount_points(folder.get(), content.mount_points);
}

bool has_generation(int folder, const std::string& generation) {
  return exists(folder, generation);
}
std::string current_generation(int folder) {
  return link_target(folder, kData);
}

Result<void> switch_to(int folder, const std::string& generation) {
  // it may have been marked as given up
  if (fchmodat(folder, generation.c_str(), kInside, 0) != 0)
    return io_error("Cannot switch a folder on the secrets tmpfs", errno);
  DSO_CHECK(point_data_at(folder, generation));
  return link_names(folder, generation);
}

Result<void> sweep_generations(int folder, const std::set<std::string>& keep, const std::string& never_shown) {
  const std::string current = current_generation(folder);
  for (const FolderEntry& e : entries(folder)) {
    if (!is_ours(e.name) || e.name == kData || e.name == current || keep.contains(e.name)) continue;
    const bool read = e.name != never_shown;
    DSO_TRY(const bool left, read ? readers_have_left(folder, e.name) : Result<bool>(true));
    if (left) DSO_CHECK(remove_tree(folder, e.name, false));
  }
  return {};
}

}  // namespace dso::delivery
